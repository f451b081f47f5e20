import type { RowWrite, SourceId, StoreWrite } from "../../contracts/state-store.ts";
import { SluiceError } from "../../errors/index.ts";
import type { Environment } from "./environment.ts";
import { type FlowRecord, putFlow, readFlow } from "./flow-record.ts";
import { keyedKey, type RowPlace, replaceKeyed, splitLong } from "./keyed-records.ts";
import {
  after,
  countKey,
  doubtKey,
  flowPrefix,
  isLongKey,
  keyedPrefix,
  keyedPrefixBytes,
  type RowKind,
} from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { MemoWrites } from "./memo-writes.ts";
import { OwnerWrites } from "./owner-writes.ts";
import { placeName } from "./place-name.ts";
import { checksumBytes, recordIsSound } from "./records.ts";
import { removedInARow, removeEach, removeRange } from "./remove-range.ts";
import { changed, noRows, putRowCount, type RowCount, readRowCount } from "./row-count.ts";
import type { SourceChanges } from "./scan-ledger.ts";

interface OpenSource {
  readonly place: RowPlace;
  readonly before: RowCount;
  count: RowCount;
  readonly steps: ({ readonly key: Uint8Array; readonly by: 1 | -1 } | null)[];
}

/** Lands one write, within a transaction, and returns what it did to the rows of sources. */
export function applyWrite(environment: Environment, write: StoreWrite, now: number): SourceChanges[] {
  const flow = checkFence(environment, write);
  return new WriteStep(environment, flow, now).apply(write);
}

function checkFence({ tree, file }: Environment, { fence }: StoreWrite): FlowRecord {
  const flow = readFlow(tree, file, fence.flow);
  if (flow?.holder && flow.leaseNumber === fence.number) {
    if (flow.generation === fence.generation) return flow;
    throw fenced(fence.flow, "its setup was changed meanwhile");
  }
  throw fenced(fence.flow, flow?.holder ? "another process took it over" : "its lease was given back");
}

function fenced(flow: string, why: string): SluiceError {
  return new SluiceError("store-fenced", `a write for flow ${flow} was refused: ${why}`, {
    hint: "Nothing was changed; run the update again.",
    where: { flow },
  });
}

class WriteStep {
  readonly #environment: Environment;
  readonly #flow: FlowRecord;
  readonly #memos: MemoWrites;
  readonly #owners: OwnerWrites;
  readonly #sources = new Map<SourceId, OpenSource>();

  constructor(environment: Environment, flow: FlowRecord, now: number) {
    this.#environment = environment;
    this.#flow = flow;
    this.#memos = new MemoWrites(environment, now);
    this.#owners = new OwnerWrites(environment, flow);
  }

  apply(write: StoreWrite): SourceChanges[] {
    const { tree } = this.#environment;
    if (write.removeFlow) this.#removeFlow();
    for (const source of write.removeSources ?? []) this.#removeSource(source);
    for (const target of write.removeTargets ?? []) this.#owners.removeTarget(target);
    for (const doubt of write.removeDoubts ?? []) tree.remove(doubtKey(this.#flow.id, doubt));
    for (const { fingerprint, result } of write.memos ?? []) this.#memos.put(fingerprint, result);
    for (const row of write.rows ?? []) this.#writeRow(row);
    for (const owner of write.owners ?? []) this.#owners.write(owner);
    this.#memos.close();
    this.#owners.close();
    if (write.setup) tree.put(flowPrefix("setup", this.#flow.id), write.setup);
    if (write.setup || write.removeFlow)
      putFlow(tree, { ...this.#flow, generation: write.fence.generation + 1 });
    return this.#closeSources();
  }

  #writeRow({ source: id, key, version, outputs, failure, trace, memos }: RowWrite): void {
    const source = this.#open(id);
    const { place } = source;
    const { tree } = this.#environment;
    if (version !== undefined) this.#writeVersion(source, key, version);
    if (outputs !== undefined) replaceKeyed(tree, { kind: "outputs", place, key }, outputs);
    if (failure !== undefined) replaceKeyed(tree, { kind: "failure", place, key }, failure);
    if (trace !== undefined) replaceKeyed(tree, { kind: "trace", place, key }, trace);
    if (memos) this.#memos.refer({ place, key }, memos);
  }

  #writeVersion(source: OpenSource, key: Uint8Array, version: Uint8Array | null): void {
    const { tree } = this.#environment;
    const physical = keyedKey("version", source.place, key);
    const by = (version ? 1 : 0) - (tree.has(physical) ? 1 : 0);
    replaceKeyed(tree, { kind: "version", place: source.place, key }, version);
    if (by === 0) return;
    source.count = changed(source.count, source.count.rows + by);
    if (this.#isWatched(source.place)) source.steps.push({ key: physical, by: by > 0 ? 1 : -1 });
  }

  #removeSource(id: SourceId): void {
    const source = this.#open(id);
    this.#removeRows((kind) => keyedPrefix(kind, this.#flow.id, id));
    this.#environment.tree.remove(countKey(this.#flow.id, id));
    source.count = noRows;
    if (this.#isWatched(source.place)) source.steps.push(null);
  }

  #removeFlow(): void {
    const { tree } = this.#environment;
    removeEach(tree, flowPrefix("count", this.#flow.id), (key) => {
      this.#removeSource(Buffer.from(key).readUInt32BE(5) as SourceId);
    });
    this.#removeRows((kind) => flowPrefix(kind, this.#flow.id));
    this.#owners.removeAll();
    removeRange(tree, flowPrefix("doubt", this.#flow.id));
    tree.remove(flowPrefix("setup", this.#flow.id));
  }

  #removeRows(prefixOf: (kind: RowKind) => Uint8Array): void {
    this.#releaseMemos(prefixOf("rowMemos"));
    for (const kind of ["version", "outputs", "failure", "rowMemos", "trace"] as const) {
      removeRange(this.#environment.tree, prefixOf(kind));
    }
  }

  #releaseMemos(prefix: Uint8Array): void {
    const { tree, file } = this.#environment;
    for (let start: Uint8Array | null = prefix; start; ) {
      const lists: Uint8Array[] = [];
      let next: Uint8Array | null = null;
      tree.walk(start, after(prefix), ({ key, keyStart, keyEnd, value, valueLength }) => {
        const under = key.slice(keyStart, keyEnd);
        if (lists.length === removedInARow) {
          next = under;
          return false;
        }
        const record = value.slice(0, valueLength);
        const damage = () =>
          damaged(file, `a list of memos of flow ${this.#flow.name}`, { flow: this.#flow.name });
        if (!recordIsSound(under, record)) throw damage();
        const content = record.subarray(checksumBytes);
        lists.push(isLongKey(under.length - keyedPrefixBytes) ? splitLong(content, damage).payload : content);
        return true;
      });
      for (const list of lists) this.#memos.release(list);
      start = next;
    }
  }

  #open(id: SourceId): OpenSource {
    const known = this.#sources.get(id);
    if (known) return known;
    const { tree, file } = this.#environment;
    const place = { flow: this.#flow.name, flowNumber: this.#flow.id, source: id, file };
    const before = readRowCount(tree, place);
    const opened: OpenSource = { place, before, count: before, steps: [] };
    this.#sources.set(id, opened);
    return opened;
  }

  #closeSources(): SourceChanges[] {
    const all = [...this.#sources.values()].filter((source) => source.count !== source.before);
    for (const { place, count } of all) {
      if (count.changes !== 0) putRowCount(this.#environment.tree, place, count);
    }
    return all.map(({ place, before, count, steps }) => ({
      place: placeName(place),
      before,
      after: count,
      steps,
    }));
  }

  #isWatched(place: RowPlace): boolean {
    return this.#environment.ledger.isWatched(placeName(place));
  }
}
