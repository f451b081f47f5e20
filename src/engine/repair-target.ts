import type { RowFailure, UpdateInfo } from "../contracts/events.ts";
import type { SourceId } from "../contracts/state-store.ts";
import { type SluiceError, toSluiceError } from "../errors/index.ts";
import { type AllowedDeletions, holdExtras } from "./deletion-guard.ts";
import { type Deleting, deleteExtras } from "./verify-delete.ts";
import { type Doubting, damagedRows, putInDoubt } from "./verify-doubt.ts";
import { trackedSources } from "./verify-records.ts";
import type { VerifiedTarget } from "./verify-target.ts";

export interface Repairing extends Doubting, Omit<Deleting, "planned"> {
  /** Whether so many extra rows may be deleted as would be held for approval. */
  readonly allowDeletions: AllowedDeletions;
  /** Runs an update of just these rows, by source and encoded key. */
  update(rows: (source: SourceId) => AsyncIterable<Uint8Array>): Promise<UpdateInfo>;
}

export interface Repaired {
  /** How many rows of sources failed while what they yield was to be written again. */
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly RowFailure[];
  /** Why extra rows were not deleted; null where all that are known were. */
  readonly refused: SluiceError | null;
}

/**
 * Deletes what should not be at a target, then has what is missing, different or in doubt written by an update.
 * Deletions come first: where the backend takes two keys for one, a row that is written must not go with an extra one.
 */
export async function repairTarget(repairing: Repairing, verified: VerifiedTarget): Promise<Repaired> {
  const refused = await removeExtras(repairing, verified);
  if (verified.repairable === 0) return { failed: 0, failures: [], refused };
  await putInDoubt(repairing, verified);
  const sources = new Map(trackedSources(repairing, verified.export).map((source) => [source.id, source]));
  const { failures, sources: stats } = await repairing.update((id) =>
    damagedRows(repairing, verified, sources.get(id)!),
  );
  const failed = Object.values(stats).reduce((sum, source) => sum + source.failed, 0);
  return { failed, failures, refused };
}

async function removeExtras(
  repairing: Repairing,
  { export: index, verification, extras }: VerifiedTarget,
): Promise<SluiceError | null> {
  if (extras.length === 0) return null;
  const { plan, allowDeletions } = repairing;
  const planned = plan.exports[index]!;
  const held = holdExtras(verification, allowDeletions);
  if (held) return held.at({ flow: plan.flow, target: planned.name });
  const error = await deleteExtras({ ...repairing, planned }, extras).catch((thrown: unknown) => {
    if (repairing.signal.aborted) throw thrown;
    return toSluiceError(thrown, "mutate-failed");
  });
  if (error !== null && error.exitCode !== 1) throw error;
  return error?.at({ flow: plan.flow, target: planned.name }) ?? null;
}
