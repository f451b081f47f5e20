import type { FlowId, LeaseHolder, SourceId, TargetId } from "../../contracts/state-store.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";

/** What is kept of one row. */
export interface MemoryRow {
  readonly key: Uint8Array;
  version: Uint8Array | null;
  outputs: Uint8Array | null;
  failure: Uint8Array | null;
  trace: Uint8Array | null;
  memos: ReadonlySet<Fingerprint>;
}

/** Who holds a flow, and until when on its clock; without an end where the lease does not end by time. */
export interface MemoryHolder {
  readonly number: number;
  readonly by: object;
  readonly who: LeaseHolder;
  until: number;
}

/** What the owner index keeps of one target key. */
export interface MemoryOwner {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
  readonly owed: boolean;
}

/** What is kept of one flow. Rows and target keys are found by the text of their bytes. */
export interface MemoryFlow {
  number: number;
  generation: number;
  holder: MemoryHolder | null;
  setup: Uint8Array | null;
  readonly sources: Map<SourceId, Map<string, MemoryRow>>;
  readonly owners: Map<TargetId, Map<string, MemoryOwner>>;
  readonly doubts: Map<number, Uint8Array>;
  lastDoubt: number;
}

/** A stored result, the number of rows that refer to it, and since when none does. */
export interface MemoryMemo {
  result: Uint8Array | null;
  references: number;
  since: number;
}

/** What memory stores opened on it share, as processes share a file. */
export class MemoryState {
  readonly flows = new Map<FlowId, MemoryFlow>();
  readonly memos = new Map<Fingerprint, MemoryMemo>();
  /** The stores that live: a lease of any other is free to take. */
  readonly living = new Set<object>();

  flow(id: FlowId): MemoryFlow {
    const known = this.flows.get(id);
    if (known) return known;
    const made: MemoryFlow = {
      number: 0,
      generation: 0,
      holder: null,
      setup: null,
      sources: new Map(),
      owners: new Map(),
      doubts: new Map(),
      lastDoubt: 0,
    };
    this.flows.set(id, made);
    return made;
  }
}
