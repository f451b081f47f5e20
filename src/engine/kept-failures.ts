import type { FlowId, SourceId, StateStore, TargetId } from "../contracts/state-store.ts";
import { decodeFailureRecord, type FailureRecord } from "./failure-record.ts";
import { decodeOwnerRecord } from "./owner-record.ts";

/** What failed, and is kept until an update clears it. */
export type KeptFailure =
  | { readonly kind: "row"; readonly source: SourceId; readonly record: FailureRecord }
  | { readonly kind: "target-row"; readonly target: TargetId; readonly record: FailureRecord };

export interface KeptFailuresOptions {
  readonly store: StateStore;
  readonly flow: FlowId;
  readonly sources: readonly SourceId[];
  /** The targets whose keys the owner index keeps. */
  readonly targets: readonly TargetId[];
}

/** The failures of a flow: of its rows, then of target rows that no row of a source is to blame for. In the order of keys. */
export async function* keptFailures(options: KeptFailuresOptions): AsyncGenerator<KeptFailure> {
  const { store, flow, sources, targets } = options;
  for (const source of sources) {
    for await (const { failure } of store.readFailures(flow, source))
      yield { kind: "row", source, record: decodeFailureRecord(failure) };
  }
  for (const target of targets) {
    for await (const page of store.scanOwners(flow, target, { owedOnly: true })) {
      for (const { record } of page) {
        const { failure } = decodeOwnerRecord(record);
        if (failure) yield { kind: "target-row", target, record: decodeFailureRecord(failure) };
      }
    }
  }
}

/** The keys of a source's rows that failed. */
export async function* failedKeys(
  store: StateStore,
  flow: FlowId,
  source: SourceId,
): AsyncGenerator<Uint8Array> {
  for await (const { key } of store.readFailures(flow, source)) yield key;
}
