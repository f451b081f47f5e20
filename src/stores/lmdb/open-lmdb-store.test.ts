import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type {
  FlowId,
  OwnerWrite,
  RowWrite,
  SourceId,
  StateStore,
  TargetId,
} from "../../contracts/state-store.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { putFlow, readFlow } from "./flow-record.ts";
import { putFormat } from "./format.ts";
import { openLmdbStore } from "./index.ts";
import { keyedKey } from "./keyed-records.ts";
import { doubtKey, fingerprintKey, headBytes, kinds, numberedKey, ownerCountKey } from "./keys.ts";
import { checksumBytes } from "./records.ts";
import { Tree } from "./tree.ts";

const flow = "flow" as FlowId;
const source = 7 as SourceId;
const target = 9 as TargetId;
const place = { flow, flowNumber: 1, source, file: "" };
const ownerPlace = { flow, flowNumber: 1, target, file: "" };

let directory: string;
let opened: StateStore[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-lmdb-"));
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(
  options: { readonly directory?: string; readonly readOnly?: boolean } = {},
): Promise<StateStore> {
  const store = await openLmdbStore({ directory, ...options });
  opened.push(store);
  return store;
}

async function fill(store: StateStore, count = 3): Promise<void> {
  const lease = await store.acquireLease(flow, { purpose: "fill" });
  const rows: RowWrite[] = Array.from({ length: count }, (_, i) => ({
    source,
    key: Buffer.from(`row ${i}`),
    version: Buffer.from("version"),
    outputs: Buffer.from("outputs"),
  }));
  const memos = [{ fingerprint: "f".repeat(32) as Fingerprint, result: Buffer.from("result") }];
  await store.write({ fence: { flow, number: lease.number, generation: lease.generation }, rows, memos });
  await lease.release();
}

/** Changes the file past the store, as only damage does. */
async function tamper(change: (tree: Tree) => void): Promise<void> {
  const tree = new Tree(join(directory, "store.mdb"), { readOnly: false });
  tree.transact(() => change(tree));
  await tree.close();
}

/** A row's list of memos as formats 1 and 2 had it. */
function putOldList(tree: Tree, key: Uint8Array, memos: readonly Fingerprint[]): void {
  const under = Buffer.from(keyedKey("rowMemos", place, key));
  under[0] = kinds.oldRowMemos;
  const head = Buffer.alloc(4);
  head.writeUInt32LE(key.length);
  tree.put(under, ...(key.length > headBytes ? [head, key] : []), Buffer.from(memos.join(""), "hex"));
}

function breakRecord(tree: Tree, key: Uint8Array): void {
  const record = tree.getRaw(key)!.slice();
  // Of a mark, which has no content, the checksum.
  record[record.length > checksumBytes ? record.length - 1 : 0]! ^= 1;
  tree.putRaw(key, record);
}

/** Rows with traces, target keys that are all owed something, and a doubt. */
async function fillIndex(store: StateStore, count = 3): Promise<void> {
  const lease = await store.acquireLease(flow, { purpose: "fill" });
  const keys = Array.from({ length: count }, (_, i) => Buffer.from(`row ${i}`));
  const rows: RowWrite[] = keys.map((key) => ({ source, key, trace: Buffer.from("trace") }));
  const owners: OwnerWrite[] = keys.map((key) => ({
    target,
    key,
    record: Buffer.from("record"),
    owed: true,
  }));
  await store.write({ fence: { flow, number: lease.number, generation: lease.generation }, rows, owners });
  await store.addDoubt(flow, Buffer.from("doubt"));
  await lease.release();
}

async function countOwners(store: StateStore, owedOnly: boolean): Promise<number> {
  let count = 0;
  for await (const page of store.scanOwners(flow, target, { owedOnly })) count += page.length;
  return count;
}

async function scanAll(store: StateStore): Promise<number> {
  const scan = store.scan(flow, source);
  for (let count = 0; ; ) {
    const page = await scan.nextPage();
    if (page === null) return count;
    count += page.count;
  }
}

test("keeps its directory out of git", async () => {
  const below = join(directory, "a/b");
  await open({ directory: below });
  expect(readFileSync(join(below, ".gitignore"), "utf8")).toBe("*\n");
});

test("a record that was changed is reported where it is read", async () => {
  const store = await open();
  await fill(store);
  const key = Buffer.from("row 1");
  await tamper((tree) => {
    breakRecord(tree, keyedKey("version", place, key));
    breakRecord(tree, keyedKey("outputs", place, key));
    breakRecord(tree, numberedKey("memoResult", 1));
  });
  const where = { flow: "flow", source: "7", row: '"row 1"' };
  await expect(store.readRows(flow, [{ source, key }])).rejects.toMatchObject({
    code: "store-damaged",
    where,
  });
  await expect(scanAll(store)).rejects.toMatchObject({ code: "store-damaged", where });
  await expect(store.readMemos(["f".repeat(32) as Fingerprint])).rejects.toMatchObject({
    code: "store-damaged",
  });
  expect(await store.readRows(flow, [{ source, key: Buffer.from("row 2") }])).toMatchObject([
    { failure: null },
  ]);
});

test("a changed record of a memo is reported where it is read, and one whose result lies elsewhere", async () => {
  const fingerprint = "f".repeat(32) as Fingerprint;
  const store = await open();
  await fill(store);
  await tamper((tree) => tree.put(numberedKey("memoResult", 1), Buffer.alloc(16), Buffer.from("of another")));
  await expect(store.readMemos([fingerprint])).rejects.toMatchObject({ code: "store-damaged" });
  await tamper((tree) => breakRecord(tree, numberedKey("memoNew", 1)));
  await expect(store.readMemos([fingerprint])).rejects.toMatchObject({ code: "store-damaged" });
});

test("a store of format 1 keeps its memos, their references and their times", async () => {
  const fingerprints = Array.from(
    { length: 2500 },
    (_, i) => i.toString(16).padStart(32, "0") as Fingerprint,
  );
  const [referred, unreferred, awaited] = fingerprints as [Fingerprint, Fingerprint, Fingerprint];
  const [short, long] = [Buffer.from("row"), Buffer.from("r".repeat(3000))];
  await (await open()).close();
  await tamper((tree) => {
    for (const fingerprint of fingerprints) {
      if (fingerprint !== awaited)
        tree.put(fingerprintKey(kinds.oldMemoResult, fingerprint), Buffer.from(fingerprint));
      if (fingerprint !== unreferred)
        tree.put(fingerprintKey(kinds.oldMemoReferences, fingerprint), Uint8Array.of(1, 0, 0, 0));
    }
    tree.put(fingerprintKey(kinds.oldMemoUnreferenced, unreferred), new Uint8Array(8));
    putOldList(tree, short, [referred]);
    putOldList(tree, long, [fingerprints[3]!, awaited]);
    putFormat(tree, 1);
  });
  // As a command does that plans before it writes.
  const reader = await open({ readOnly: true });
  expect(await reader.readMemos([referred])).toEqual([null]);
  const store = await open();
  const results = await store.readMemos(fingerprints);
  expect(results[2]).toBeNull();
  expect(results.map((result) => result && Buffer.from(result).toString())).toEqual(
    fingerprints.map((fingerprint) => (fingerprint === awaited ? null : fingerprint)),
  );
  const lease = await store.acquireLease(flow, { purpose: "test" });
  const fence = { flow, number: lease.number, generation: lease.generation };
  await store.write({ fence, memos: [{ fingerprint: awaited, result: Buffer.from("came") }] });
  expect(await store.collectMemos({ retentionMs: 0 })).toBe(1);
  const left = await store.readMemos([referred, unreferred, awaited]);
  expect(left.map((result) => result && Buffer.from(result).toString())).toEqual([referred, null, "came"]);
  await store.write({ fence, rows: [short, long].map((key) => ({ source, key, memos: [] })) });
  expect(await store.collectMemos({ retentionMs: 0 })).toBe(3);
});

test("a row that went missing is noticed by the next complete scan", async () => {
  const store = await open();
  await fill(store);
  await tamper((tree) => tree.remove(keyedKey("version", place, Buffer.from("row 1"))));
  await expect(scanAll(store)).rejects.toMatchObject({ code: "store-damaged" });
});

test("what was changed of the owner index, of traces and of doubts is reported where it is read", async () => {
  const store = await open();
  await fillIndex(store);
  const key = Buffer.from("row 1");
  await tamper((tree) => {
    breakRecord(tree, keyedKey("owner", ownerPlace, key));
    breakRecord(tree, keyedKey("owed", ownerPlace, Buffer.from("row 2")));
    breakRecord(tree, keyedKey("trace", place, key));
    breakRecord(tree, doubtKey(1, 1));
  });
  const owner = { code: "store-damaged", where: { flow: "flow", target: "9", row: '"row 1"' } };
  await expect(store.readOwners(flow, [{ target, key }])).rejects.toMatchObject(owner);
  await expect(countOwners(store, false)).rejects.toMatchObject(owner);
  await expect(countOwners(store, true)).rejects.toMatchObject({ where: { target: "9", row: '"row 2"' } });
  const trace = { code: "store-damaged", where: { flow: "flow", source: "7", row: '"row 1"' } };
  await expect(store.readTrace(flow, { source, key })).rejects.toMatchObject(trace);
  const doubt = {
    code: "store-damaged",
    message: expect.stringContaining("doubt 1"),
    where: { flow: "flow" },
  };
  await expect(store.readDoubts(flow)).rejects.toMatchObject(doubt);
  const lease = await store.acquireLease(flow, { purpose: "test" });
  const fence = { flow, number: lease.number, generation: lease.generation };
  const owners = [{ target, key, record: key, owed: false }];
  await expect(store.write({ fence, owners })).rejects.toMatchObject(owner);
});

test("a target key, or the mark that it is owed something, that went missing is noticed by the next complete listing", async () => {
  const store = await open();
  await fillIndex(store);
  await tamper((tree) => tree.remove(keyedKey("owed", ownerPlace, Buffer.from("row 1"))));
  expect(await countOwners(store, false)).toBe(3);
  await expect(countOwners(store, true)).rejects.toMatchObject({
    code: "store-damaged",
    where: { target: "9" },
  });
  await tamper((tree) => tree.remove(keyedKey("owner", ownerPlace, Buffer.from("row 2"))));
  await expect(countOwners(store, false)).rejects.toMatchObject({ code: "store-damaged" });
  const where = { flow: "flow", target: "9", row: '"row 2"' };
  await expect(countOwners(store, true)).rejects.toMatchObject({ code: "store-damaged", where });
  await tamper((tree) => breakRecord(tree, ownerCountKey(1, target)));
  await expect(countOwners(store, false)).rejects.toMatchObject({
    message: expect.stringContaining("count"),
  });
});

test.each([
  ["an owner record", keyedKey("owner", ownerPlace, Buffer.from("row 1"))],
  ["a mark of what is owed", keyedKey("owed", ownerPlace, Buffer.from("row 1"))],
  ["a count of owners", ownerCountKey(1, target)],
  ["a trace", keyedKey("trace", place, Buffer.from("row 1"))],
  ["a doubt", doubtKey(1, 1)],
])("the walk after a crash finds %s that was changed", async (_, key) => {
  await fillIndex(await open());
  await opened[0]!.close();
  rmSync(join(directory, "store.mdb-seen"));
  await (await open()).close();
  rmSync(join(directory, "store.mdb-seen"));
  await tamper((tree) => breakRecord(tree, key));
  await expect(open()).rejects.toMatchObject({ code: "store-damaged" });
});

test("a listing of target keys that waits keeps no old pages from being used again", async () => {
  const store = await open();
  await fillIndex(store, 10_000);
  const pages = store.scanOwners(flow, target, { owedOnly: false })[Symbol.asyncIterator]();
  await pages.next();
  const before = statSync(join(directory, "store.mdb")).size;
  for (let i = 0; i < 40; i++) await fillIndex(store, 200);
  expect(statSync(join(directory, "store.mdb")).size - before).toBeLessThan(8 << 20);
  while (!(await pages.next()).done);
});

test("a scan accounts for rows that others write ahead of it", async () => {
  const store = await open();
  await fill(store, 5000);
  const scan = store.scan(flow, source);
  await scan.nextPage();
  const copy = await open();
  await fill(copy, 5010);
  while (await scan.nextPage());
  expect(await scanAll(store)).toBe(5010);
});

test("opened for reading it makes nothing and writes nothing", async () => {
  await expect(open({ readOnly: true })).rejects.toMatchObject({ code: "store-missing" });
  await expect(open({ directory: join(directory, "none"), readOnly: true })).rejects.toMatchObject({
    code: "store-missing",
  });
  const writer = await open();
  await fill(writer);
  const reader = await open({ readOnly: true });
  expect(await scanAll(reader)).toBe(3);
  await expect(reader.acquireLease(flow, { purpose: "test" })).rejects.toMatchObject({
    code: "store-unwritable",
  });
  await writer.close();
  expect(await scanAll(reader)).toBe(3);
});

test("a store that is shared within the process stays open until the last lets it go", async () => {
  const [one, other] = await Promise.all([open(), open()]);
  await fill(one);
  await one.close();
  expect(await scanAll(other)).toBe(3);
  const [, third] = await Promise.all([other.close(), open()]);
  expect(await scanAll(third)).toBe(3);
});

test("a directory that was replaced under an open store is another store", async () => {
  const one = await open();
  await fill(one);
  renameSync(directory, `${directory}-away`);
  mkdirSync(directory);
  const other = await open();
  expect(await scanAll(other)).toBe(0);
  await one.close();
  rmSync(`${directory}-away`, { recursive: true });
});

test("a file that has gone back in time or was emptied is reported", async () => {
  await fill(await open());
  await opened[0]!.close();
  const old = `${directory}-old`;
  cpSync(join(directory, "store.mdb"), old);
  const again = await open();
  await fill(again, 9);
  await again.close();
  cpSync(old, join(directory, "store.mdb"));
  rmSync(old);
  await expect(open()).rejects.toMatchObject({ code: "store-damaged" });
  truncateSync(join(directory, "store.mdb"), 0);
  await expect(open()).rejects.toMatchObject({ code: "store-damaged" });
});

test("a file in the place of its directory is not taken for no store", async () => {
  const file = join(directory, "not-a-directory");
  writeFileSync(file, "");
  for (const readOnly of [true, false])
    await expect(openLmdbStore({ directory: file, readOnly })).rejects.toMatchObject({
      code: "store-unwritable",
    });
});

test("a file that is none of ours is reported", async () => {
  writeFileSync(join(directory, "store.mdb"), "x".repeat(10_000));
  await expect(open()).rejects.toMatchObject({ code: "store-damaged" });
});

test("a lease of which nobody can tell is held, until it is taken over", async () => {
  const store = await open();
  await fill(store);
  await tamper((tree) => {
    const elsewhere = { pid: 1, host: "elsewhere", start: "1", boot: "another", namespace: null };
    const holder = { ...elsewhere, purpose: "update", since: 0, nonce: "n" };
    putFlow(tree, { ...readFlow(tree, "", flow)!, leaseNumber: 2 ** 50, holder });
  });
  const refused = store.acquireLease(flow, { purpose: "test" });
  await expect(refused).rejects.toMatchObject({
    code: "flow-held",
    hint: expect.stringContaining("--take-over"),
  });
  expect((await store.acquireLease(flow, { purpose: "test", takeOver: true })).number).toBe(2 ** 50 + 1);
});

test("a file system that cannot be written is reported", async (context) => {
  context.skip(process.getuid?.() !== 0 || process.platform !== "linux", "only root on Linux can mount one");
  await fill(await open());
  await opened[0]!.close();
  const mounted = spawnSync("mount", ["--bind", "-o", "ro", directory, directory]).status === 0;
  context.skip(!mounted, "nothing can be mounted here");
  try {
    await expect(open()).rejects.toMatchObject({ code: "store-unwritable" });
    expect(await scanAll(await open({ readOnly: true }))).toBe(3);
    await opened.at(-1)!.close();
  } finally {
    // Lazily, for lmdb never closes what it opened for reading only.
    spawnSync("umount", ["-l", directory]);
  }
});
