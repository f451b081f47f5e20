import type { SourceId } from "../contracts/state-store.ts";
import { compareBytes, equalBytes } from "../kernel/bytes.ts";
import { absent, type EntryState } from "./output-record.ts";
import type { Claim, OwnerRecord } from "./owner-record.ts";
import { isOnly, withState } from "./reconcile.ts";

/** Which of several rows wins a target key: the least by source and row key. */
export class ClaimOrder {
  readonly #ranks: ReadonlyMap<SourceId, number>;

  /** The sources in the order in which they win. */
  constructor(order: readonly SourceId[]) {
    this.#ranks = new Map(order.map((source, rank) => [source, rank]));
  }

  compare(a: Claim, b: Claim): number {
    return this.#rank(a) - this.#rank(b) || compareBytes(a.row, b.row);
  }

  winner(claims: readonly Claim[]): Claim | null {
    return claims.reduce<Claim | null>(
      (least, claim) => (least === null || this.compare(claim, least) < 0 ? claim : least),
      null,
    );
  }

  #rank({ source }: Claim): number {
    return this.#ranks.get(source) ?? this.#ranks.size;
  }
}

export interface ClaimRules {
  readonly order: ClaimOrder;
  /** Two rows must not claim one key: whoever has not won it is to fail. */
  readonly strict: boolean;
  /** Write also what is there already. */
  readonly rewrite: boolean;
}

/** What a row's claim does to a target key. */
export interface ClaimChange {
  /** The key is the row's. */
  readonly owns: boolean;
  /** The row owns the key and its value is to be written. */
  readonly write: boolean;
  /** What is kept from before the write until it is known to have landed; null where nothing is written. */
  readonly staged: OwnerRecord | null;
  /** What is kept from then on; null where there is nothing left to keep. The very record given where nothing changes. */
  readonly landed: OwnerRecord | null;
}

const nobody: OwnerRecord = { claims: [], states: [absent], owed: false, failure: null };

/** A row yields a key, for the first time or again. */
export function claimKey(known: OwnerRecord | null, claim: Claim, rules: ClaimRules): ClaimChange {
  const before = known ?? nobody;
  const claims = [...without(before.claims, claim), claim];
  const contested = rules.strict && claims.length > 1;
  if (rules.order.winner(claims) !== claim) {
    const owed = before.owed || contested;
    const landed = { claims, states: before.states, owed, failure: null };
    return { owns: false, write: false, staged: null, landed: unlessSame(before, landed) };
  }
  const states = [claim.fingerprint!];
  const landed = { claims, states, owed: contested, failure: null };
  if (!rules.rewrite && isOnly(before.states, claim.fingerprint!))
    return { owns: true, write: false, staged: null, landed: unlessSame(before, landed) };
  const staged = { ...before, claims, states: withState(before.states, claim.fingerprint!) };
  return { owns: true, write: true, staged, landed };
}

/**
 * A row yields a key no more. What the target has of it stays until the update's end: then the heir's value takes
 * its place, or it is deleted.
 */
export function dropClaim(
  known: OwnerRecord | null,
  claim: Pick<Claim, "source" | "row">,
  rules: ClaimRules,
): OwnerRecord | null {
  const before = known ?? nobody;
  const claims = without(before.claims, claim);
  if (claims.length === 0 && isOnly(before.states, absent)) return null;
  const owed = !isSettled(claims, before.states, rules.order) || (rules.strict && claims.length > 1);
  return { claims, states: before.states, owed, failure: null };
}

/** Whether the target surely holds what the claims ask for. */
export function isSettled(
  claims: readonly Claim[],
  states: readonly EntryState[],
  order: ClaimOrder,
): boolean {
  const winner = order.winner(claims);
  if (winner === null) return isOnly(states, absent);
  return winner.fingerprint !== null && isOnly(states, winner.fingerprint);
}

function without(claims: readonly Claim[], { source, row }: Pick<Claim, "source" | "row">): readonly Claim[] {
  return claims.filter((claim) => claim.source !== source || !equalBytes(claim.row, row));
}

function unlessSame(before: OwnerRecord, after: OwnerRecord): OwnerRecord {
  const same =
    before.owed === after.owed &&
    before.failure === null &&
    before.claims.length === after.claims.length &&
    before.states.length === after.states.length &&
    before.claims.every((claim) => after.claims.some((other) => isSame(claim, other)));
  return same ? before : after;
}

function isSame(a: Claim, b: Claim): boolean {
  return a.source === b.source && a.fingerprint === b.fingerprint && equalBytes(a.row, b.row);
}
