import type { SourceId } from "../contracts/state-store.ts";
import type { Fingerprint } from "../values/index.ts";
import { ClaimOrder, isSettled } from "./claims.ts";
import { absent, type EntryState } from "./output-record.ts";
import { decodeOwnerRecord } from "./owner-record.ts";
import type { Expected } from "./verify-expected.ts";
import {
  type RecordedRow,
  type RecordReading,
  recordedRows,
  type TrackedSource,
  trackedSources,
} from "./verify-records.ts";

/** A target key of which the store keeps something, and what it says should be there. */
export interface RecordedKey {
  readonly key: Uint8Array;
  readonly expected: Expected;
  /** Why the store does not know what should be there. */
  readonly pending: string | null;
  /** The row that it comes from; null where none yields it any more. */
  readonly row: { readonly source: TrackedSource; readonly key: Uint8Array } | null;
}

/**
 * All that the store's records say of one export's target, page by page. A key may come more than once; where the
 * store does not know of its value, the first says why.
 */
export async function* recordedKeys(
  reading: RecordReading,
  exportIndex: number,
): AsyncGenerator<readonly RecordedKey[]> {
  const sources = trackedSources(reading, exportIndex);
  for (const source of sources) {
    for await (const page of recordedRows(reading, exportIndex, source)) yield page.flatMap(keysOfRow);
  }
  if (reading.bindings.targets[exportIndex]!.indexed) yield* ownedKeys(reading, exportIndex, sources);
}

/** What the output records say. Entries without states are kept by the owner index, unless they are outdated. */
function keysOfRow(row: RecordedRow): RecordedKey[] {
  const outdated = whyOutdated(row);
  return row.output.entries.flatMap(({ key, states }): RecordedKey[] => {
    if (outdated !== null) return [{ key, row, expected: "outdated", pending: outdated }];
    if (states.length > 1) return [{ key, row, expected: "in doubt", pending: unsettled }];
    return isValue(states[0]) ? [{ key, row, expected: states[0], pending: null }] : [];
  });
}

/** What was made with another logic than the present one may be what it should be, but nobody knows. */
function whyOutdated({ source, output }: RecordedRow): string | null {
  if (source.logic === null) return "its source no longer feeds the export";
  return source.logic === output.logic ? null : "the flow has changed since it was written";
}

async function* ownedKeys(
  { store, flow, bindings, signal }: RecordReading,
  exportIndex: number,
  sources: readonly TrackedSource[],
): AsyncGenerator<readonly RecordedKey[]> {
  const order = new ClaimOrder(bindings.order);
  const byId = new Map<SourceId, TrackedSource>(sources.map((source) => [source.id, source]));
  for await (const page of store.scanOwners(flow, bindings.targets[exportIndex]!.id, { owedOnly: false })) {
    signal.throwIfAborted();
    yield page.flatMap(({ key, record }): RecordedKey[] => {
      const { claims, states, owed } = decodeOwnerRecord(record);
      const winner = order.winner(claims);
      const source = winner && byId.get(winner.source);
      const row = source ? { source, key: winner.row } : null;
      if (claims.length === 0 && !owed) return [{ key, row, expected: "outdated", pending: unclaimed }];
      if (!isSettled(claims, states, order)) return [{ key, row, expected: "in doubt", pending: unsettled }];
      return isValue(states[0]) ? [{ key, row, expected: states[0], pending: null }] : [];
    });
  }
}

function isValue(state: EntryState | undefined): state is Fingerprint {
  return state !== undefined && state !== absent;
}

/** It may be yielded by a row that no update has looked at yet: until one has, nobody may say that it is to go. */
const unclaimed = "no update has seen yet whether a row yields it";
const unsettled = "a write of it failed, was interrupted or is still to come";
