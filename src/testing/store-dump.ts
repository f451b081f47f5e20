import assert from "node:assert/strict";
import type {
  FlowId,
  OwnerAddress,
  RowAddress,
  SourceId,
  StateStore,
  TargetId,
} from "../contracts/state-store.ts";
import type { Fingerprint } from "../values/fingerprint.ts";

/** A key and a record, as hexadecimal digits. */
export type Listed = readonly [key: string, record: string];

/** All that a store shows of one flow, in a form that can be compared and printed. */
export interface StoreDump {
  readonly setup: { readonly record: string; readonly generation: number } | null;
  readonly sources: Readonly<
    Record<
      number,
      { readonly count: number; readonly scan: readonly Listed[]; readonly failures: readonly Listed[] }
    >
  >;
  readonly rows: readonly (readonly [
    version: string | null,
    outputs: string | null,
    failure: string | null,
    trace: string | null,
  ])[];
  readonly targets: Readonly<
    Record<number, { readonly all: readonly Listed[]; readonly owed: readonly Listed[] }>
  >;
  readonly owners: readonly (string | null)[];
  /** Oldest first; their ids are the store's affair. */
  readonly doubts: readonly string[];
  readonly memos: readonly (string | null)[];
}

/** What is asked of a store, so that the dumps of a store and of its model can be compared. */
export interface DumpQuestions {
  readonly flow: FlowId;
  readonly sources: readonly SourceId[];
  readonly rows: readonly RowAddress[];
  readonly targets: readonly TargetId[];
  readonly owners: readonly OwnerAddress[];
  readonly memos: readonly Fingerprint[];
}

/** Reads all that the questions ask for. */
export async function dumpStore(store: StateStore, questions: DumpQuestions): Promise<StoreDump> {
  const { flow, sources, rows, targets, owners, memos } = questions;
  const setup = await store.readSetup(flow);
  return {
    setup: setup && { record: hexOf(setup.record), generation: setup.generation },
    sources: await eachOf(sources, async (source) => ({
      count: await store.countRows(flow, source),
      scan: await readScan(store, flow, source),
      failures: await readFailures(store, flow, source),
    })),
    rows: await readRows(store, flow, rows),
    targets: await eachOf(targets, async (target) => ({
      all: await readOwnerScan(store, { flow, target, owedOnly: false }),
      owed: await readOwnerScan(store, { flow, target, owedOnly: true }),
    })),
    owners: (await store.readOwners(flow, owners)).map(toHex),
    doubts: (await store.readDoubts(flow)).map(({ doubt }) => hexOf(doubt)),
    memos: (await store.readMemos(memos)).map(toHex),
  };
}

/** Whether two dumps say the same. */
export function isSame(found: StoreDump, expected: StoreDump): boolean {
  return JSON.stringify(found) === JSON.stringify(expected);
}

/** Throws with the first thing that differs, as dumps are too long to read. */
export function assertSame(found: StoreDump, expected: StoreDump, note: string): void {
  if (!isSame(found, expected))
    throw new assert.AssertionError({ message: `${note}: ${difference(found, expected, "")}` });
}

function difference(found: unknown, expected: unknown, place: string): string {
  if (typeof found !== "object" || found === null || typeof expected !== "object" || expected === null) {
    const show = (value: unknown) => String(JSON.stringify(value)).slice(0, 200);
    return `at ${place || "the top"} there is ${show(found)} in place of ${show(expected)}`;
  }
  const [a, b] = [found as Record<string, unknown>, expected as Record<string, unknown>];
  const at = [...new Set([...Object.keys(a), ...Object.keys(b)])].find(
    (name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
  return at === undefined ? `the order of ${place}` : difference(a[at], b[at], `${place}/${at}`);
}

/** Key and version of every row of a scan. */
export async function readScan(store: StateStore, flow: FlowId, source: SourceId): Promise<Listed[]> {
  const found: Listed[] = [];
  const scan = store.scan(flow, source);
  for (;;) {
    const page = await scan.nextPage();
    if (page === null) return found;
    for (let i = 0, at = 0; i < page.count; i++) {
      const [keyEnd, end] = [page.ends[i * 2]!, page.ends[i * 2 + 1]!];
      found.push([hexOf(page.bytes.subarray(at, keyEnd)), hexOf(page.bytes.subarray(keyEnd, end))]);
      at = end;
    }
  }
}

/** Key and record of all that the owner index keeps of a target. */
export async function readOwnerScan(
  store: StateStore,
  of: { readonly flow: FlowId; readonly target: TargetId; readonly owedOnly: boolean },
): Promise<Listed[]> {
  const found: Listed[] = [];
  for await (const page of store.scanOwners(of.flow, of.target, of)) {
    for (const { key, record } of page) found.push([hexOf(key), hexOf(record)]);
  }
  return found;
}

async function readFailures(store: StateStore, flow: FlowId, source: SourceId): Promise<Listed[]> {
  const found: Listed[] = [];
  for await (const { key, failure } of store.readFailures(flow, source)) {
    found.push([hexOf(key), hexOf(failure)]);
  }
  return found;
}

async function readRows(
  store: StateStore,
  flow: FlowId,
  rows: readonly RowAddress[],
): Promise<StoreDump["rows"]> {
  const records = await store.readRows(flow, rows);
  const traces = await Promise.all(rows.map((row) => store.readTrace(flow, row)));
  return records.map(
    ({ version, outputs, failure }, i) =>
      [toHex(version), toHex(outputs), toHex(failure), toHex(traces[i]!)] as const,
  );
}

async function eachOf<I extends number, T>(
  ids: readonly I[],
  read: (id: I) => Promise<T>,
): Promise<Record<number, T>> {
  const found: Record<number, T> = {};
  for (const id of ids) found[id] = await read(id);
  return found;
}

/** Hexadecimal digits, made by Node, for dumps are long and many. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

export function toHex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : hexOf(bytes);
}
