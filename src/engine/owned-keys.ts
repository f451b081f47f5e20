import type { FlowId, OwnerAddress, SourceId, StateStore } from "../contracts/state-store.ts";
import { ClaimOrder, isSettled } from "./claims.ts";
import { decodeFailureRecord, type FailureRecord } from "./failure-record.ts";
import { absent, type EntryState } from "./output-record.ts";
import { type Claim, decodeOwnerRecord, type OwnerRecord } from "./owner-record.ts";

/** What the owner index says of a target key. */
export interface OwnedKey {
  /** The rows that yield the key, in the order in which they win it: it is the first one's. */
  readonly claims: readonly Claim[];
  readonly state: TargetRowState;
  /** Why it could not be brought to what it should be, or why others than its owner must not yield it. */
  readonly failure: FailureRecord | null;
}

/**
 * held: the target has it as the row yields it that it is of. in-doubt: it may be in several states, which the next
 * update settles. owed: it is known not to be as it should be, which the next update settles. absent: it is not there.
 */
export type TargetRowState = "held" | "in-doubt" | "owed" | "absent";

/** Reads what the owner index has of target keys, in the order asked; null where it has nothing. */
export async function readOwnedKeys(
  {
    store,
    flow,
    order,
  }: { readonly store: StateStore; readonly flow: FlowId; readonly order: readonly SourceId[] },
  keys: readonly OwnerAddress[],
): Promise<readonly (OwnedKey | null)[]> {
  const records = await store.readOwners(flow, keys);
  const claimOrder = new ClaimOrder(order);
  return records.map((record) => record && ownedKey(decodeOwnerRecord(record), claimOrder));
}

function ownedKey({ claims, states, failure }: OwnerRecord, order: ClaimOrder): OwnedKey {
  const settled = isSettled(claims, states, order);
  return {
    claims: [...claims].sort((a, b) => order.compare(a, b)),
    state: settled ? stateOf(states) : states.length > 1 ? "in-doubt" : "owed",
    failure: failure && decodeFailureRecord(failure),
  };
}

/** The state of a target row that is nobody else's; one without any is in an owner index that does not know it. */
export function stateOf(states: readonly EntryState[]): TargetRowState {
  if (states.length === 0) return "owed";
  if (states.length > 1) return "in-doubt";
  return states[0] === absent ? "absent" : "held";
}
