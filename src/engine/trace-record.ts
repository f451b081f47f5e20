import type { RowReason } from "../contracts/events.ts";
import type { TargetId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { type LogicPart, logicPartsInOrder } from "../plan/index.ts";
import { valueCodec } from "../values/index.ts";
import { intType, recordListType, recordType, textType } from "./record-type.ts";

/**
 * What the last processing of a row did. Written in the commit of a row that was processed, and only there: a row
 * that was not processed, or whose version alone was new, keeps what it has.
 */
export interface TraceRecord {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly reason: RowReason;
  readonly reexport: boolean;
  readonly fullReprocess: boolean;
  /** Attempts that failed since the row was committed before. */
  readonly failures: number;
  /** What of the logic differed from what the row had been made with. */
  readonly changes: readonly TraceChange[];
  readonly functions: readonly FunctionTrace[];
  /** The exports that were evaluated, and targets that the row feeds no more. */
  readonly targets: readonly TargetTrace[];
}

export interface TraceChange {
  readonly part: LogicPart;
  /** Of the function; empty for parts that are none of a function. */
  readonly name: string;
  readonly target: TargetId;
}

export interface FunctionTrace {
  readonly name: string;
  readonly computed: number;
  readonly memoHits: number;
}

export interface TargetTrace {
  readonly target: TargetId;
  readonly upserted: number;
  readonly deleted: number;
  /** Target rows that were not written, since they were as they should be. */
  readonly equal: number;
  /** Target keys that it yields, but which are another row's. */
  readonly others: number;
  /** Target keys that it yields no more and other rows may: what becomes of them is settled when all rows are through. */
  readonly dropped: number;
}

/** The records keep the place in this list: add at its end. */
const reasons: readonly RowReason[] = [
  "new",
  "content",
  "logic",
  "pending",
  "failed",
  "gone",
  "forced",
  "version",
  "owner",
];

const codec = valueCodec(
  recordType({
    at: intType,
    reason: intType,
    /** 1 re-export, 2 full reprocess. */
    forcing: intType,
    failures: intType,
    changes: recordListType({ part: intType, name: textType, target: intType }),
    functions: recordListType({ name: textType, computed: intType, memoHits: intType }),
    targets: recordListType({
      target: intType,
      upserted: intType,
      deleted: intType,
      equal: intType,
      others: intType,
      dropped: intType,
    }),
  }),
);

interface StoredTrace {
  readonly at: number;
  readonly reason: number;
  readonly forcing: number;
  readonly failures: number;
  readonly changes: readonly { readonly part: number; readonly name: string; readonly target: number }[];
  readonly functions: readonly FunctionTrace[];
  readonly targets: readonly (Omit<TargetTrace, "target"> & { readonly target: number })[];
}

export function encodeTraceRecord(trace: TraceRecord): Uint8Array {
  const stored: StoredTrace = {
    at: trace.at,
    reason: reasons.indexOf(trace.reason),
    forcing: (trace.reexport ? 1 : 0) | (trace.fullReprocess ? 2 : 0),
    failures: trace.failures,
    changes: trace.changes.map((change) => ({ ...change, part: logicPartsInOrder.indexOf(change.part) })),
    functions: trace.functions,
    targets: trace.targets,
  };
  return codec.encode(stored);
}

export function decodeTraceRecord(bytes: Uint8Array): TraceRecord {
  const { forcing, reason, changes, targets, ...rest } = codec.decode(bytes) as StoredTrace;
  return {
    ...rest,
    reason: known(reasons[reason]),
    reexport: (forcing & 1) !== 0,
    fullReprocess: (forcing & 2) !== 0,
    changes: changes.map(({ part, name, target }) => ({
      part: known(logicPartsInOrder[part]),
      name,
      target: target as TargetId,
    })),
    targets: targets.map((target) => ({ ...target, target: target.target as TargetId })),
  };
}

function known<T>(value: T | undefined): T {
  if (value !== undefined) return value;
  throw new SluiceError("store-damaged", "the trace of a row says what no trace says");
}
