import type { Branded } from "../kernel/brand.ts";
import type { Fingerprint } from "../values/fingerprint.ts";

/** A flow's name within its app namespace: what everything stored for it is filed under. */
export type FlowId = Branded<string, "FlowId">;

/** A source's number within its flow, given out by setup and kept through renames: an unsigned 32-bit integer. */
export type SourceId = Branded<number, "SourceId">;

/** A backend's number within its flow, given out by setup: what target rows are filed under. */
export type TargetId = Branded<number, "TargetId">;

/** One row of one source. `key` is the order-preserving encoding of the row's key, of any length. */
export interface RowAddress {
  readonly source: SourceId;
  readonly key: Uint8Array;
}

/** What the store keeps of one row; null is what it does not keep. */
export interface RowRecords {
  /** Small; all that a scan reads. */
  readonly version: Uint8Array | null;
  /** Read only for rows being processed; may be many megabytes. */
  readonly outputs: Uint8Array | null;
  readonly failure: Uint8Array | null;
}

/** Changes to one row's records: bytes replace, null removes, what is left out stays. */
export interface RowWrite extends RowAddress {
  readonly version?: Uint8Array | null;
  readonly outputs?: Uint8Array | null;
  readonly failure?: Uint8Array | null;
  /** What the row's last processing did; read only to explain it. */
  readonly trace?: Uint8Array | null;
  /** All memos that the row refers to from now on; those that it no longer refers to lose this reference. */
  readonly memos?: readonly Fingerprint[];
}

/** One row of one target. `key` is the order-preserving encoding of its key, of any length. */
export interface OwnerAddress {
  readonly target: TargetId;
  readonly key: Uint8Array;
}

/** Changes what the owner index keeps of one target key: the rows that claim it, and what may be at the target. */
export interface OwnerWrite extends OwnerAddress {
  /** Null: nothing is kept of the key any more, and it is owed nothing. */
  readonly record: Uint8Array | null;
  /** The target does not hold yet what its claims ask for: `scanOwners` finds it by this. */
  readonly owed: boolean;
}

export interface StoredOwner {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
}

export interface MemoWrite {
  readonly fingerprint: Fingerprint;
  readonly result: Uint8Array;
}

export interface MemoCollection {
  readonly retentionMs: number;
  /**
   * The memos that rows in flight are about to refer to, which stay. They are others every moment: it is asked anew in
   * each step that removes some, and a read that begins after its answer does not yield what that step removes.
   */
  readonly inUse?: () => ReadonlySet<Fingerprint>;
}

/**
 * Proof that the writer still holds the flow: the number of its lease and the setup generation that it read.
 * The number of a lease that was released or passed on is nobody's: a write with it is refused.
 */
export interface Fence {
  readonly flow: FlowId;
  readonly number: number;
  readonly generation: number;
}

/**
 * One atomic, durable change. Every part is optional; all of it lands or none. The parts take effect in
 * this order: `removeFlow`, `removeSources`, `removeTargets`, `removeDoubts`, `memos`, `rows`, `owners`, `setup`.
 * A row, and a target key, is named once at most.
 */
export interface StoreWrite {
  readonly fence: Fence;
  readonly rows?: readonly RowWrite[];
  readonly owners?: readonly OwnerWrite[];
  readonly memos?: readonly MemoWrite[];
  /** Removes all that the owner index keeps of these targets. */
  readonly removeTargets?: readonly TargetId[];
  /** Removes doubts by their ids. One that is not there is no error. */
  readonly removeDoubts?: readonly number[];
  /** Removes every record of these sources, memo references included. */
  readonly removeSources?: readonly SourceId[];
  /** Replaces the flow's setup record; the generation becomes `fence.generation + 1`. */
  readonly setup?: Uint8Array;
  /**
   * Removes all that is stored for the flow, except what keeps fencing numbers and generations growing;
   * the generation becomes `fence.generation + 1`, with `setup` in the same write too.
   */
  readonly removeFlow?: true;
}

/**
 * Some rows of a scan in ascending key order, packed so that a row costs no object: row `i`'s key is
 * `bytes[ends[2i-1] .. ends[2i])` and its version record `bytes[ends[2i] .. ends[2i+1])`, with `ends[-1]`
 * taken as 0. Valid until the next page is asked for.
 */
export interface ScanPage {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

export interface Scan {
  /** The next rows; null at the end. A local store answers at once, a networked one by promise. */
  nextPage(): ScanPage | null | Promise<ScanPage | null>;
  /** Ends a scan that is not read to its end. Idempotent. */
  close(): void;
}

/** Who holds a flow. */
export interface LeaseHolder {
  readonly pid: number;
  readonly host: string;
  /** What it does: `update`, `setup`, `verify`, `drop`. */
  readonly purpose: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

export interface LeaseRequest {
  readonly purpose: string;
  /** Wait for the holder to finish rather than fail. Called once, when the waiting begins. */
  readonly onWait?: (holder: LeaseHolder) => void;
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
  /** Take the flow also from a holder of which nobody here can tell whether it lives: on another machine, in another container. */
  readonly takeOver?: boolean;
}

/** The right to be the only writer of a flow. */
export interface Lease {
  /**
   * Grows with every lease of the flow. A safe integer, and no less than the milliseconds of the clock, so that targets
   * which remember the greatest take the writes of a store that was lost and made anew.
   */
  readonly number: number;
  /** The flow's setup generation when the lease was taken: 0 before the first setup. */
  readonly generation: number;
  /**
   * Whether the flow is still this holder's as far as can be told from here. Always true, until it is released, for
   * a lease that does not end by time. One that does is prolonged by each write; when its time is over another may
   * have the flow, and targets must not be written any more.
   */
  holds(): boolean;
  /** Gives the flow back. Idempotent; a lease that passed on already is left alone. */
  release(): Promise<void>;
}

export interface StoredSetup {
  readonly record: Uint8Array;
  readonly generation: number;
}

export interface StoreCapabilities {
  /** What was acknowledged outlives the process. */
  readonly durable: boolean;
  /** Other processes may open it at the same time. */
  readonly multiProcess: boolean;
  /** A lease passes from a holder that lets its time run out, whether it lives or not. */
  readonly timedLeases: boolean;
}

/**
 * Where Sluice keeps what it knows of rows, calls and backends.
 *
 * The store guarantees: a `write` is atomic, and durable when it resolves; writes land in the order in which
 * they were called; a read sees every write that resolved before it was called; a write whose fence is not
 * the flow's present one changes nothing and fails with `store-fenced`; what was damaged outside is
 * reported as `store-damaged`, never as missing; a scan yields every row that was there when it began and is
 * not removed meanwhile, once, in ascending byte order of the keys, whatever is written meanwhile.
 * The caller guarantees: it holds the lease while it writes; records are what the engine encoded, the store
 * does not look into them. Bytes are the caller's again when `write` resolves, and what a read gives is the
 * caller's to keep (a scan's page only until the next one).
 */
export interface StateStore {
  readonly capabilities: StoreCapabilities;

  /** Takes the flow's lease; `flow-held` when another holds it and `wait` is not set. A dead holder's is taken over at once. */
  acquireLease(flow: FlowId, request: LeaseRequest): Promise<Lease>;
  /** Who holds the flow now; null when nobody does. */
  leaseHolder(flow: FlowId): Promise<LeaseHolder | null>;

  /** The flows that have a setup record. */
  flows(): Promise<readonly FlowId[]>;
  readSetup(flow: FlowId): Promise<StoredSetup | null>;

  /** How many rows of a source have a version record. */
  countRows(flow: FlowId, source: SourceId): Promise<number>;
  /** The version records of a source's rows. */
  scan(flow: FlowId, source: SourceId): Scan;
  /** The version records of these rows, in the order asked; null for a row that is not there. */
  readVersions(flow: FlowId, rows: readonly RowAddress[]): Promise<readonly (Uint8Array | null)[]>;
  /** The records of these rows, in the order asked. */
  readRows(flow: FlowId, rows: readonly RowAddress[]): Promise<readonly RowRecords[]>;
  /** The failures of a source's rows, in ascending key order. */
  readFailures(
    flow: FlowId,
    source: SourceId,
  ): AsyncIterable<{ readonly key: Uint8Array; readonly failure: Uint8Array }>;
  /** What the last processing of a row did; null where nothing is kept of it. */
  readTrace(flow: FlowId, row: RowAddress): Promise<Uint8Array | null>;
  /** What the owner index keeps of these target keys, in the order asked; null where it keeps nothing. */
  readOwners(flow: FlowId, keys: readonly OwnerAddress[]): Promise<readonly (Uint8Array | null)[]>;
  /**
   * What the owner index keeps of a target, or only the keys that are owed something, in ascending byte order of the
   * keys, in pages. Yields what was there when it began and is not changed meanwhile; what is changed meanwhile may
   * be yielded as it was, as it is, or not at all.
   */
  scanOwners(
    flow: FlowId,
    target: TargetId,
    options: { readonly owedOnly: boolean },
  ): AsyncIterable<readonly StoredOwner[]>;
  /** The doubts of a flow, oldest first. */
  readDoubts(flow: FlowId): Promise<readonly { readonly id: number; readonly doubt: Uint8Array }[]>;
  /**
   * Keeps what a holder that has lost the flow may have done to targets after it lost it. The one change that needs
   * no lease: it takes nothing away. Durable when it resolves; each gets an id of its own.
   */
  addDoubt(flow: FlowId, doubt: Uint8Array): Promise<void>;
  /** Memo results, in the order asked; null for those that are not there. */
  readMemos(fingerprints: readonly Fingerprint[]): Promise<readonly (Uint8Array | null)[]>;

  /**
   * Makes one write as a whole, or nothing of it. What it is to do may not be settled before it is looked at, which a
   * store puts off until the write begins.
   */
  write(write: StoreWrite): Promise<void>;
  /**
   * Removes memos without a reference that have had none for `retentionMs`; resolves to how many. A memo is
   * without one from the write that stored it, or that took its last reference, until a row refers to it.
   */
  collectMemos(options: MemoCollection): Promise<number>;

  /** Waits for what is under way, gives back the leases taken through it and lets the store go. Idempotent. */
  close(): Promise<void>;
}
