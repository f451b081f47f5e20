import type { Report } from "../contracts/events.ts";
import { type SluiceError, toSluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { PlannedExport } from "../plan/index.ts";
import { mutateGroup } from "./mutate-groups.ts";
import { prepareTarget } from "./prepare-target.ts";
import { isTransient } from "./retry.ts";
import { isUnavailable, lostFlow } from "./target-errors.ts";
import type { ReadBackRow } from "./verify-read-back.ts";
import { withinTime } from "./within-time.ts";

export interface Deleting {
  readonly planned: PlannedExport;
  readonly appDirectory: string;
  readonly leaseNumber: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly mutateTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Targets must not be written any more when the flow is not held. */
  holds(): boolean;
}

/** What one call deletes at most. */
const callRows = 1_024;

/**
 * Deletes rows that no record has, by their keys as the target gave them: nothing tracks them, so there is nothing
 * to record, and who is stopped half-way deletes the rest next time. Resolves to the first error, null when all are gone.
 */
export async function deleteExtras(
  deleting: Deleting,
  extras: readonly ReadBackRow[],
): Promise<SluiceError | null> {
  const { planned, appDirectory, leaseNumber, signal } = deleting;
  const target = await prepareTarget(planned, { appDirectory, leaseNumber, signal });
  try {
    return await deleteInGroups(deleting, target, extras);
  } finally {
    await planned.definition.close(target);
  }
}

async function deleteInGroups(
  deleting: Deleting,
  target: unknown,
  extras: readonly ReadBackRow[],
): Promise<SluiceError | null> {
  let first: SluiceError | null = null;
  for (let at = 0; at < extras.length; at += callRows) {
    deleting.signal.throwIfAborted();
    const { outcomes, down } = await mutateGroup({
      rows: extras.slice(at, at + callRows),
      random: deleting.random,
      isUnavailable: (error) => isUnavailable(error) || isTransient(error),
      mutate: (rows) => deleteRows(deleting, target, rows),
    });
    if (down) return down;
    first ??= [...outcomes.values()].find((error) => error !== null) ?? null;
  }
  return first;
}

async function deleteRows(
  { planned, report, holds, ...call }: Deleting,
  target: unknown,
  rows: readonly ReadBackRow[],
): Promise<SluiceError | null> {
  const { definition, name } = planned;
  const mutations = rows.map(({ given }) => ({ key: given, value: null }));
  try {
    if (!holds()) throw lostFlow();
    await withinTime({ ...call, kind: definition.kind }, (context) =>
      definition.mutate([{ target, mutations }], context),
    );
    report({ kind: "target-written", target: name, upserted: 0, deleted: rows.length });
    return null;
  } catch (thrown) {
    return toSluiceError(thrown, "mutate-failed").at({ target: name });
  }
}
