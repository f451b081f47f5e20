import assert from "node:assert/strict";
import type {
  FlowId,
  RowAddress,
  RowWrite,
  SourceId,
  StateStore,
  StoreWrite,
} from "../contracts/state-store.ts";
import { bytesToHex, compareBytes } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/fingerprint.ts";

interface ModelRow {
  readonly source: SourceId;
  readonly key: Uint8Array;
  version: string | null;
  outputs: string | null;
  failure: string | null;
  memos: ReadonlySet<Fingerprint>;
}

/** All that a store shows of one flow, in a form that can be compared and printed. */
export interface StoreDump {
  readonly setup: { readonly record: string; readonly generation: number } | null;
  readonly scans: Readonly<Record<number, readonly (readonly [key: string, version: string])[]>>;
  readonly failures: Readonly<Record<number, readonly (readonly [key: string, failure: string])[]>>;
  readonly rows: readonly (readonly [
    version: string | null,
    outputs: string | null,
    failure: string | null,
  ])[];
  readonly memos: readonly (string | null)[];
}

/** What is asked of a store, so that the dumps of a store and of its model can be compared. */
export interface DumpQuestions {
  readonly flow: FlowId;
  readonly sources: readonly SourceId[];
  readonly rows: readonly RowAddress[];
  readonly memos: readonly Fingerprint[];
}

/** What a store of one flow must hold, in the plainest way: maps, and references counted afresh each time. */
export class StoreModel {
  generation = 0;
  setup: string | null = null;
  readonly rows = new Map<string, ModelRow>();
  readonly memos = new Map<Fingerprint, { result: string; since: number }>();

  apply(write: StoreWrite, now: number): void {
    const referredBefore = this.#referred();
    if (write.removeFlow) {
      this.rows.clear();
      this.setup = null;
    }
    for (const source of write.removeSources ?? []) {
      for (const [name, row] of this.rows) if (row.source === source) this.rows.delete(name);
    }
    for (const row of write.rows ?? []) this.#applyRow(row);
    if (write.setup) this.setup = bytesToHex(write.setup);
    if (write.setup || write.removeFlow) this.generation = write.fence.generation + 1;
    const referred = this.#referred();
    for (const [fingerprint, memo] of this.memos) {
      if (referredBefore.has(fingerprint) && !referred.has(fingerprint)) memo.since = now;
    }
    for (const { fingerprint, result } of write.memos ?? []) {
      this.memos.set(fingerprint, { result: bytesToHex(result), since: now });
    }
  }

  collect(retentionMs: number, now: number): number {
    const referred = this.#referred();
    const due = [...this.memos].filter(
      ([name, { since }]) => !referred.has(name) && since <= now - retentionMs,
    );
    for (const [fingerprint] of due) this.memos.delete(fingerprint);
    return due.length;
  }

  dump({ sources, rows, memos }: DumpQuestions): StoreDump {
    return {
      setup: this.setup === null ? null : { record: this.setup, generation: this.generation },
      scans: Object.fromEntries(sources.map((source) => [source, this.#inOrder(source, "version")])),
      failures: Object.fromEntries(sources.map((source) => [source, this.#inOrder(source, "failure")])),
      rows: rows.map((address) => {
        const row = this.rows.get(nameOf(address));
        return [row?.version ?? null, row?.outputs ?? null, row?.failure ?? null];
      }),
      memos: memos.map((fingerprint) => this.memos.get(fingerprint)?.result ?? null),
    };
  }

  #applyRow({ source, key, version, outputs, failure, memos }: RowWrite): void {
    const name = nameOf({ source, key });
    const row: ModelRow = this.rows.get(name) ?? {
      source,
      key,
      version: null,
      outputs: null,
      failure: null,
      memos: new Set(),
    };
    if (version !== undefined) row.version = toHex(version);
    if (outputs !== undefined) row.outputs = toHex(outputs);
    if (failure !== undefined) row.failure = toHex(failure);
    if (memos) row.memos = new Set(memos);
    this.rows.set(name, row);
  }

  #referred(): Set<Fingerprint> {
    return new Set([...this.rows.values()].flatMap((row) => [...row.memos]));
  }

  #inOrder(source: SourceId, what: "version" | "failure"): (readonly [string, string])[] {
    const rows = [...this.rows.values()].filter((row) => row.source === source && row[what] !== null);
    rows.sort((a, b) => compareBytes(a.key, b.key));
    return rows.map((row) => [bytesToHex(row.key), row[what]!]);
  }
}

/** Reads all that the questions ask for. */
export async function dumpStore(store: StateStore, questions: DumpQuestions): Promise<StoreDump> {
  const { flow, sources, rows, memos } = questions;
  const setup = await store.readSetup(flow);
  const scans: Record<number, [string, string][]> = {};
  const failures: Record<number, [string, string][]> = {};
  for (const source of sources) {
    scans[source] = await readScan(store, flow, source);
    failures[source] = [];
    for await (const { key, failure } of store.readFailures(flow, source)) {
      failures[source].push([bytesToHex(key), bytesToHex(failure)]);
    }
  }
  const records = await store.readRows(flow, rows);
  return {
    setup: setup && { record: bytesToHex(setup.record), generation: setup.generation },
    scans,
    failures,
    rows: records.map(({ version, outputs, failure }) => [toHex(version), toHex(outputs), toHex(failure)]),
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

/** Key and version of every row of a scan, as hexadecimal digits. */
export async function readScan(
  store: StateStore,
  flow: FlowId,
  source: SourceId,
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const scan = store.scan(flow, source);
  for (;;) {
    const page = await scan.nextPage();
    if (page === null) return found;
    for (let i = 0, at = 0; i < page.count; i++) {
      const [keyEnd, end] = [page.ends[i * 2]!, page.ends[i * 2 + 1]!];
      found.push([bytesToHex(page.bytes.subarray(at, keyEnd)), bytesToHex(page.bytes.subarray(keyEnd, end))]);
      at = end;
    }
  }
}

function nameOf({ source, key }: RowAddress): string {
  return `${source}/${bytesToHex(key)}`;
}

function toHex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : bytesToHex(bytes);
}
