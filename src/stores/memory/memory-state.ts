import type { FlowId, LeaseHolder, SourceId } from "../../contracts/state-store.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";

/** What is kept of one row. */
export interface MemoryRow {
  readonly key: Uint8Array;
  version: Uint8Array | null;
  outputs: Uint8Array | null;
  failure: Uint8Array | null;
  memos: ReadonlySet<Fingerprint>;
}

/** What is kept of one flow. Rows are found by the text of their key's bytes. */
export interface MemoryFlow {
  number: number;
  generation: number;
  holder: { readonly number: number; readonly by: object; readonly who: LeaseHolder } | null;
  setup: Uint8Array | null;
  readonly sources: Map<SourceId, Map<string, MemoryRow>>;
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
    const made: MemoryFlow = { number: 0, generation: 0, holder: null, setup: null, sources: new Map() };
    this.flows.set(id, made);
    return made;
  }
}
