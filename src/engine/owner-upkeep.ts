import type {
  Fence,
  FlowId,
  OwnerAddress,
  RowWrite,
  SourceId,
  StateStore,
  TargetId,
} from "../contracts/state-store.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import type { Bindings } from "./bindings.ts";
import { ClaimOrder, isSettled } from "./claims.ts";
import {
  absent,
  decodeOutputRecord,
  type EntryState,
  encodeOutputRecord,
  type OutputEntry,
} from "./output-record.ts";
import { type Claim, decodeOwnerRecord, type OwnerRecord } from "./owner-record.ts";
import { ownerWrite } from "./owners.ts";
import { withState } from "./reconcile.ts";
import { ScanCursor } from "./scan-cursor.ts";

export interface OwnerUpkeep {
  readonly store: StateStore;
  readonly flow: FlowId;
  readonly bindings: Bindings;
  /** As it is at the time of a write. */
  fence(): Fence;
  readonly signal: AbortSignal;
}

/** Rows that are taken into an index in one transaction. */
const rowsAtOnce = 256;

/**
 * Makes the owner indexes that a change of the flow has made needed, from the output records: what rows may have at
 * these targets is kept by target key from then on. A row that was taken in already is left alone, so that it goes
 * on where it was interrupted.
 */
export async function buildOwnerIndexes(upkeep: OwnerUpkeep): Promise<void> {
  const { bindings, store, flow, signal } = upkeep;
  const targets = new Set<TargetId>(bindings.overdue.build);
  for (const source of bindings.order) {
    const cursor = new ScanCursor(store.scan(flow, source));
    let keys: Uint8Array[] = [];
    try {
      while (await cursor.advance()) {
        signal.throwIfAborted();
        keys.push(cursor.copyKey());
        if (keys.length < rowsAtOnce) continue;
        await takeIn(upkeep, { source, keys, targets });
        keys = [];
      }
    } finally {
      cursor.close();
    }
    await takeIn(upkeep, { source, keys, targets });
  }
}

interface Rows {
  readonly source: SourceId;
  readonly keys: readonly Uint8Array[];
  readonly targets: ReadonlySet<TargetId>;
}

interface TakenEntry extends OwnerAddress {
  readonly claim: Claim;
  readonly states: readonly EntryState[];
}

async function takeIn({ store, flow, bindings, fence }: OwnerUpkeep, rows: Rows): Promise<void> {
  const records = await store.readRows(
    flow,
    rows.keys.map((key) => ({ source: rows.source, key })),
  );
  const writes: RowWrite[] = [];
  const entries: TakenEntry[] = [];
  records.forEach(({ outputs }, at) => {
    const taken = outputs && takeOut(outputs, { ...rows, row: rows.keys[at]! });
    if (!taken) return;
    entries.push(...taken.entries);
    writes.push({ source: rows.source, key: rows.keys[at]!, outputs: taken.outputs });
  });
  if (writes.length === 0) return;
  const known = await store.readOwners(flow, entries);
  const merged = mergeEntries(entries, known, new ClaimOrder(bindings.order));
  await store.write({ fence: fence(), rows: writes, owners: merged });
}

/** Takes the states of a row's entries out of its output record; null where none are there. */
function takeOut(
  stored: Uint8Array,
  { source, row, targets }: { source: SourceId; row: Uint8Array; targets: ReadonlySet<TargetId> },
): { readonly outputs: Uint8Array; readonly entries: readonly TakenEntry[] } | null {
  const entries: TakenEntry[] = [];
  const outputs = decodeOutputRecord(stored).targets.map((output) => {
    if (!targets.has(output.target)) return output;
    for (const { key, states } of output.entries) {
      if (states.length === 0) continue;
      const only = states.length === 1 ? states[0]! : absent;
      const claim = { source, row, fingerprint: only === absent ? null : only };
      entries.push({ target: output.target, key, claim, states });
    }
    return { ...output, entries: output.entries.map(({ key }): OutputEntry => ({ key, states: [] })) };
  });
  return entries.length === 0 ? null : { outputs: encodeOutputRecord({ targets: outputs }), entries };
}

function mergeEntries(
  entries: readonly TakenEntry[],
  known: readonly (Uint8Array | null)[],
  order: ClaimOrder,
) {
  const merged = new Map<string, { readonly address: OwnerAddress; readonly record: OwnerRecord }>();
  entries.forEach(({ target, key, claim, states }, at) => {
    const name = `${target}:${bytesToMapKey(key)}`;
    const before = merged.get(name)?.record ?? (known[at] ? decodeOwnerRecord(known[at]) : null);
    const claims = [...(before?.claims ?? []), claim];
    const possible = states.reduce<readonly EntryState[]>(withState, before?.states ?? []);
    const record = {
      claims,
      states: possible,
      owed: !isSettled(claims, possible, order),
      failure: null,
    };
    merged.set(name, { address: { target, key }, record });
  });
  return [...merged.values()].map(({ address, record }) => ownerWrite(address, record));
}

/** Marks the keys whose winner is another since the order of sources has changed. */
export async function reorderOwners(upkeep: OwnerUpkeep): Promise<void> {
  const { store, flow, bindings, fence, signal } = upkeep;
  const order = new ClaimOrder(bindings.order);
  for (const { id: target, indexed } of bindings.targets) {
    if (!indexed) continue;
    for await (const page of store.scanOwners(flow, target, { owedOnly: false })) {
      signal.throwIfAborted();
      const owners = page.flatMap(({ key, record }) => {
        const known = decodeOwnerRecord(record);
        const stays = known.owed || known.claims.length < 2 || isSettled(known.claims, known.states, order);
        return stays ? [] : [ownerWrite({ target, key }, { ...known, owed: true })];
      });
      if (owners.length > 0) await store.write({ fence: fence(), owners });
    }
  }
}
