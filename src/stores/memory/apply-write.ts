import type { FlowId, OwnerWrite, RowWrite, SourceId, StoreWrite } from "../../contracts/state-store.ts";
import { SluiceError } from "../../errors/index.ts";
import { bytesToMapKey } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import type { MemoryFlow, MemoryOwner, MemoryRow, MemoryState } from "./memory-state.ts";

/** Lands one write in memory: checks first, then changes, so that a refused write changes nothing. */
export function applyWrite(state: MemoryState, write: StoreWrite, now: number): void {
  const flow = checkFence(state, write);
  const { generation } = flow;
  if (write.removeFlow) {
    for (const source of flow.sources.keys()) removeSource(state, flow, source, now);
    flow.owners.clear();
    flow.doubts.clear();
    flow.setup = null;
    flow.generation = generation + 1;
  }
  for (const source of write.removeSources ?? []) removeSource(state, flow, source, now);
  for (const target of write.removeTargets ?? []) flow.owners.delete(target);
  for (const doubt of write.removeDoubts ?? []) flow.doubts.delete(doubt);
  for (const { fingerprint, result } of write.memos ?? []) {
    const memo = memoOf(state, fingerprint, now);
    memo.result = result.slice();
    memo.since = now;
  }
  for (const row of write.rows ?? []) applyRow(state, flow, row, now);
  for (const owner of write.owners ?? []) applyOwner(flow, owner);
  if (write.setup) {
    flow.setup = write.setup.slice();
    flow.generation = generation + 1;
  }
}

function checkFence(state: MemoryState, { fence }: StoreWrite): MemoryFlow {
  const flow = state.flows.get(fence.flow);
  const held = flow?.holder?.number === fence.number && flow.holder.number === flow.number;
  if (flow && held && flow.generation === fence.generation) return flow;
  throw fenced(fence.flow, flow && held ? "its setup was changed meanwhile" : "another process took it over");
}

function fenced(flow: FlowId, why: string): SluiceError {
  return new SluiceError("store-fenced", `a write for flow ${flow} was refused: ${why}`, {
    hint: "Nothing was changed; run the update again.",
    where: { flow },
  });
}

function applyRow(state: MemoryState, flow: MemoryFlow, write: RowWrite, now: number): void {
  const rows = flow.sources.get(write.source) ?? new Map<string, MemoryRow>();
  flow.sources.set(write.source, rows);
  const name = bytesToMapKey(write.key);
  const row = rows.get(name) ?? emptyRow(write.key);
  if (write.version !== undefined) row.version = copy(write.version);
  if (write.outputs !== undefined) row.outputs = copy(write.outputs);
  if (write.failure !== undefined) row.failure = copy(write.failure);
  if (write.trace !== undefined) row.trace = copy(write.trace);
  if (write.memos) referTo(state, row, new Set(write.memos), now);
  if (row.version || row.outputs || row.failure || row.trace || row.memos.size > 0) rows.set(name, row);
  else rows.delete(name);
}

function applyOwner(flow: MemoryFlow, { target, key, record, owed }: OwnerWrite): void {
  const owners = flow.owners.get(target) ?? new Map<string, MemoryOwner>();
  flow.owners.set(target, owners);
  if (record === null) owners.delete(bytesToMapKey(key));
  else owners.set(bytesToMapKey(key), { key: key.slice(), record: record.slice(), owed });
}

function copy(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : bytes.slice();
}

function emptyRow(key: Uint8Array): MemoryRow {
  return { key: key.slice(), version: null, outputs: null, failure: null, trace: null, memos: new Set() };
}

function removeSource(state: MemoryState, flow: MemoryFlow, source: SourceId, now: number): void {
  for (const row of flow.sources.get(source)?.values() ?? []) referTo(state, row, new Set(), now);
  flow.sources.delete(source);
}

function referTo(state: MemoryState, row: MemoryRow, wanted: ReadonlySet<Fingerprint>, now: number): void {
  for (const fingerprint of wanted) {
    if (!row.memos.has(fingerprint)) memoOf(state, fingerprint, now).references++;
  }
  for (const fingerprint of row.memos) {
    if (wanted.has(fingerprint)) continue;
    const memo = memoOf(state, fingerprint, now);
    memo.references--;
    if (memo.references > 0) continue;
    memo.since = now;
    // A memo that no row refers to and whose result never came is nothing.
    if (memo.result === null) state.memos.delete(fingerprint);
  }
  row.memos = wanted;
}

function memoOf(state: MemoryState, fingerprint: Fingerprint, now: number) {
  const known = state.memos.get(fingerprint);
  if (known) return known;
  const made = { result: null, references: 0, since: now };
  state.memos.set(fingerprint, made);
  return made;
}
