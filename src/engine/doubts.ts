import type { SourceId, TargetId } from "../contracts/state-store.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import { valueCodec } from "../values/index.ts";
import type { Bindings } from "./bindings.ts";
import {
  absent,
  decodeOutputRecord,
  encodeOutputRecord,
  type OutputEntry,
  type TargetOutput,
} from "./output-record.ts";
import { decodeOwnerRecord, encodeOwnerRecord, type OwnerRecord } from "./owner-record.ts";
import type { OwnerUpkeep } from "./owner-upkeep.ts";
import { withState } from "./reconcile.ts";
import { bytesType, intType, recordListType, recordType } from "./record-type.ts";
import type { RecordWrite } from "./row-work.ts";
import { pendingVersion } from "./version-record.ts";

/*
 * A writer that was paused and has lost its flow meanwhile may have written to targets after its successor did. What
 * it had staged is kept as a doubt; the next update adds the states to what may be there, so that rows are written
 * unless all of it is what they should be.
 */

const codec = valueCodec(
  recordType({
    rows: recordListType({ source: intType, key: bytesType, outputs: bytesType }),
    owners: recordListType({ target: intType, key: bytesType, record: bytesType }),
  }),
);

interface Doubt {
  readonly rows: readonly {
    readonly source: SourceId;
    readonly key: Uint8Array;
    readonly outputs: Uint8Array;
  }[];
  readonly owners: readonly {
    readonly target: TargetId;
    readonly key: Uint8Array;
    readonly record: Uint8Array;
  }[];
}

/** What was staged for rows whose commit was refused. */
export function encodeDoubt(staged: readonly RecordWrite[]): Uint8Array {
  return codec.encode({
    rows: staged.flatMap(({ row }) =>
      row?.outputs ? [{ source: row.source, key: row.key, outputs: row.outputs }] : [],
    ),
    owners: staged.flatMap(({ owners }) =>
      owners.flatMap(({ target, key, record }) => (record ? [{ target, key, record }] : [])),
    ),
  });
}

/** Takes up the doubts of former holders: their rows are pending from now on, their shared target keys owed. */
export async function takeUpDoubts({ store, flow, fence, bindings }: OwnerUpkeep): Promise<void> {
  for (const { id, doubt } of await store.readDoubts(flow)) {
    const { rows, owners } = stillKnown(codec.decode(doubt) as Doubt, bindings);
    const known = await store.readRows(flow, rows);
    const knownOwners = await store.readOwners(flow, owners);
    await store.write({
      fence: fence(),
      removeDoubts: [id],
      rows: rows.map(({ source, key, outputs }, at) => ({
        source,
        key,
        version: pendingVersion(known[at]!.version),
        outputs: mergeOutputs(known[at]!.outputs, outputs),
      })),
      owners: owners.map(({ target, key, record }, at) => {
        const merged = mergeOwners(knownOwners[at]!, record);
        return { target, key, record: encodeOwnerRecord(merged), owed: true };
      }),
    });
  }
}

/** What is of sources and targets that the flow no longer has is nobody's any more. */
function stillKnown({ rows, owners }: Doubt, { order, targets }: Bindings): Doubt {
  const indexed = new Set(targets.filter((target) => target.indexed).map(({ id }) => id));
  return {
    rows: rows.filter(({ source }) => order.includes(source)),
    owners: owners.filter(({ target }) => indexed.has(target)),
  };
}

function mergeOutputs(known: Uint8Array | null, doubted: Uint8Array): Uint8Array {
  const before = known ? decodeOutputRecord(known).targets : [];
  const merged = new Map<number, TargetOutput>(before.map((output) => [output.target, output]));
  for (const output of decodeOutputRecord(doubted).targets) {
    const entries = mergeEntries(merged.get(output.target)?.entries ?? [], output.entries);
    merged.set(output.target, { ...(merged.get(output.target) ?? output), entries });
  }
  return encodeOutputRecord({ targets: [...merged.values()] });
}

function mergeEntries(known: readonly OutputEntry[], doubted: readonly OutputEntry[]): OutputEntry[] {
  const merged = new Map(known.map((entry) => [bytesToMapKey(entry.key), entry]));
  for (const { key, states } of doubted) {
    const name = bytesToMapKey(key);
    // No states: the owner index keeps them. A key that is not there now is absent, as far as is known.
    const before = merged.get(name)?.states ?? (states.length > 0 ? [absent] : []);
    merged.set(name, { key, states: states.reduce(withState, before) });
  }
  return [...merged.values()];
}

/** Claims are as they are now: who claims what has been settled since. */
function mergeOwners(known: Uint8Array | null, doubted: Uint8Array): OwnerRecord {
  const before = known && decodeOwnerRecord(known);
  const states = decodeOwnerRecord(doubted).states.reduce(withState, before?.states ?? [absent]);
  return { claims: before?.claims ?? [], states, owed: true, failure: null };
}
