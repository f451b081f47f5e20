import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { seededRandom } from "../kernel/random.ts";
import {
  codeOf,
  HeldFlow,
  type StoreBench,
  type StoreCases,
  sourceOne,
  targetOne,
  utf8,
} from "./store-bench.ts";
import { StoreChild } from "./store-child-process.ts";
import { assertSame, dumpStore, isSame, readOwnerScan, readScan } from "./store-dump.ts";
import { StoreModel } from "./store-model.ts";
import { modelFlow, modelQuestions, operationAt } from "./store-operations.ts";

/** Writes that a child has under way at most when it is killed; see `store-child.ts`. */
const underWay = 3;

const flow = "flow" as FlowId;

/** What outlives the process. */
export const storeDurabilityCases: StoreCases = ({ child, capabilities }) => ({
  async "keeps what it holds when it is opened again"(bench) {
    const held = await bench.openHeld();
    await held.write({
      setup: utf8("s"),
      rows: [{ source: sourceOne, key: utf8("a"), version: utf8("v"), trace: utf8("t") }],
      owners: [{ target: targetOne, key: utf8("a"), record: utf8("r"), owed: true }],
    });
    await held.store.addDoubt(flow, utf8("d"));
    await held.store.close();
    const store = await bench.open();
    assert.equal((await readScan(store, flow, sourceOne)).length, 1);
    assert.deepEqual((await store.readSetup(flow))?.record, new Uint8Array(utf8("s")));
    assert.deepEqual(await store.readTrace(flow, { source: sourceOne, key: utf8("a") }), utf8("t"));
    assert.equal((await readOwnerScan(store, { flow, target: targetOne, owedOnly: true })).length, 1);
    assert.deepEqual(
      (await store.readDoubts(flow)).map(({ doubt }) => doubt),
      [utf8("d")],
    );
    assert.ok((await store.acquireLease(flow, { purpose: "test" })).number > held.lease.number);
  },

  async "reports a place where it cannot be"(bench) {
    const file = join(bench.directory, "file");
    writeFileSync(file, "not a directory");
    assert.equal(await codeOf(bench.open(file)), "store-unwritable");
    assert.equal(await codeOf(bench.open(join(file, "below"))), "store-unwritable");
  },

  "reports a full disk, keeps what was acknowledged and goes on": fullDisk,

  ...(child
    ? {
        async "keeps every acknowledged write, and each whole, through kill -9"(bench: StoreBench) {
          await killCase(bench);
        },
      }
    : {}),

  ...(child && capabilities.multiProcess
    ? {
        "passes a lease from a process that is dead, and from no other": leaseCase,
        "reads while another process writes": readCase,
      }
    : {}),
});

async function killCase(bench: StoreBench): Promise<void> {
  const random = seededRandom(bench.seed);
  const model = new StoreModel();
  let next = 0;
  for (let round = 0; round < bench.runs; round++) {
    const task = { kind: "work" as const, directory: bench.directory, seed: bench.seed, from: next };
    const worker = new StoreChild(bench.options.child!, task);
    await worker.printed(2 + Math.floor(random.next() * 60));
    await worker.kill();
    const acknowledged = Math.max(next - 1, ...worker.lines.slice(1).map(Number));
    for (; next <= acknowledged; next++) applyTo(model, bench.seed, next);
    const store = await bench.open();
    next = await catchUp(bench, { store, model, next, round });
    await store.close();
  }
}

/** Of what was under way some may have landed, in order and whole. Returns the first operation that did not. */
async function catchUp(
  bench: StoreBench,
  at: {
    readonly store: StateStore;
    readonly model: StoreModel;
    readonly next: number;
    readonly round: number;
  },
): Promise<number> {
  const found = await dumpStore(at.store, modelQuestions);
  let next = at.next;
  while (!isSame(found, at.model.dump(modelQuestions)) && next < at.next + underWay)
    applyTo(at.model, bench.seed, next++);
  const note = `seed ${bench.seed}, round ${at.round}: neither what was acknowledged (before ${at.next}) nor any of the ${underWay} after`;
  assertSame(found, at.model.dump(modelQuestions), note);
  return next;
}

function applyTo(model: StoreModel, seed: number, index: number): void {
  const operation = operationAt(seed, index);
  // Nothing that a child wrote grows as old as the retention, so only those without one collect.
  if (operation.kind !== "collect" || operation.retentionMs === 0) model.perform(operation, 0);
}

async function leaseCase(bench: StoreBench): Promise<void> {
  const child = new StoreChild(bench.options.child!, { kind: "hold", directory: bench.directory, flow });
  try {
    await child.printed(1);
    const store = await bench.open();
    const holder = await store.leaseHolder(flow);
    assert.deepEqual([holder?.pid, holder?.purpose], [child.pid, "hold"]);
    assert.equal(await codeOf(store.acquireLease(flow, { purpose: "test" })), "flow-held");
    const killed = { purpose: "test", wait: true, onWait: () => void child.kill() };
    assert.equal((await store.acquireLease(flow, killed)).holds(), true);
  } finally {
    await child.kill();
  }
}

async function readCase(bench: StoreBench): Promise<void> {
  const task = { kind: "work" as const, directory: bench.directory, seed: bench.seed, from: 0 };
  const worker = new StoreChild(bench.options.child!, task);
  try {
    await worker.printed(1);
    const store = await bench.open();
    for (let lines = 2; lines < 60; lines += 3) {
      await worker.printed(lines);
      const { sources, targets } = await dumpStore(store, modelQuestions);
      const scans = Object.values(sources).map(({ scan }) => scan);
      const owners = Object.values(targets).flatMap(({ all, owed }) => [all, owed]);
      for (const scan of [...scans, ...owners]) {
        const keys = scan.map(([key]) => key);
        const sorted = [...new Set(keys)].sort();
        assert.ok(keys.join() === sorted.join(), `a scan was out of order (seed ${bench.seed})`);
      }
      assert.equal((await store.leaseHolder(modelFlow))?.pid, worker.pid);
    }
  } finally {
    await worker.kill();
  }
}

async function fullDisk(bench: StoreBench): Promise<void> {
  const directory = bench.subdirectory("small");
  const problem = mountSmall(directory);
  if (problem !== null) return bench.log(`a full disk was not tested: ${problem}`);
  try {
    await fillDisk(bench, directory);
  } finally {
    execFileSync("umount", [directory]);
  }
}

async function fillDisk(bench: StoreBench, directory: string): Promise<void> {
  const filler = join(directory, "filler");
  writeFileSync(filler, new Uint8Array(2 << 20));
  let store = await bench.open(directory);
  const held = new HeldFlow(store, flow, await store.acquireLease(flow, { purpose: "fill" }));
  let written = 0;
  for (let code = ""; code !== "store-full"; ) {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      source: sourceOne,
      key: utf8(`${written * 20 + i}`),
      version: utf8("v"),
      outputs: new Uint8Array(3000),
    }));
    const owners = rows.map(({ key }) => ({
      target: targetOne,
      key,
      record: new Uint8Array(200),
      owed: true,
    }));
    code = await codeOf(held.write({ rows, owners }));
    assert.ok(code === "resolved to undefined" || code === "store-full", code);
    if (code !== "store-full") written++;
  }
  const rowsFound = async () => (await readScan(store, flow, sourceOne)).length;
  const ownersFound = async () =>
    (await readOwnerScan(store, { flow, target: targetOne, owedOnly: true })).length;
  assert.deepEqual([await rowsFound(), await ownersFound()], [written * 20, written * 20]);
  rmSync(filler);
  const last = { source: sourceOne, key: utf8("last"), version: utf8("v"), outputs: new Uint8Array(60_000) };
  await held.write({ rows: [last] });
  await store.close();
  store = await bench.open(directory);
  assert.deepEqual([await rowsFound(), await ownersFound()], [written * 20 + 1, written * 20]);
  await store.close();
}

/** Mounts a small file system; or why that cannot be. */
function mountSmall(directory: string): string | null {
  if (process.platform !== "linux") return "it needs Linux's tmpfs";
  if (process.getuid?.() !== 0) return "mounting a small file system needs root";
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=5m", "tmpfs", directory], { stdio: "pipe" });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
