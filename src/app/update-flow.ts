import type { Report, UpdateInfo } from "../contracts/events.ts";
import type { SourceId } from "../contracts/state-store.ts";
import { failedKeys, LiveRun, MemosInUse, runUpdate, type UpdateOptions } from "../engine/index.ts";
import { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";
import { type SetupPlan, withAdoptionsSettled, withOwnersSettled } from "../setup/index.ts";
import { bindingsOf } from "./bindings.ts";
import { callPolicies } from "./call-policies.ts";
import type { HeldFlow } from "./held-flow.ts";
import { processLimits } from "./process-limits.ts";
import type { Settings } from "./settings.ts";
import { planFlowSetup } from "./setup-flow.ts";

export interface HeldUpdateWork extends Pick<UpdateOptions, "rows"> {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly reexportTargets: boolean;
  readonly fullReprocess: boolean;
  readonly allowDeletions: boolean | number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface UpdateWork extends Omit<HeldUpdateWork, "rows"> {
  /** Only the rows that failed. */
  readonly retryFailed: boolean;
}

export interface LiveUpdateWork extends Omit<HeldUpdateWork, "rows"> {
  /** Whether changes are followed after the update. */
  readonly follow: boolean;
}

/** Of all flows of this process: they may share a store, and what one has computed serves the others. */
const memosInUse = new MemosInUse();

/** One update under the flow's lease. Refuses where a backend is not in the state that the flow needs. */
export async function updateFlow(held: HeldFlow, work: UpdateWork): Promise<UpdateInfo> {
  await makeReady(held, work);
  const rows = work.retryFailed ? (source: SourceId) => failedKeys(held.store, held.id, source) : null;
  const info = await runHeldUpdate(held, { ...work, rows });
  if (didWork(info)) await collectMemos(held, work);
  return info;
}

/** A live update under the flow's lease, not begun yet. Refuses as an update does. */
export async function openLiveRun(held: HeldFlow, work: LiveUpdateWork): Promise<LiveRun> {
  await makeReady(held, work);
  const tidy = () => collectMemos(held, work);
  return new LiveRun({ ...updateOptions(held, work), follow: work.follow, tidy });
}

async function makeReady(held: HeldFlow, { plan }: Pick<UpdateWork, "plan">): Promise<void> {
  const setup = await planFlowSetup({ plan, id: held.id, record: held.record(), store: held.store });
  refuseUnlessSetUp(setup);
  if (setup.recordsChange) await held.writeRecord(setup.done);
}

async function collectMemos(held: HeldFlow, { settings }: Pick<UpdateWork, "settings">): Promise<void> {
  await held.store.collectMemos({ retentionMs: settings.memoRetentionMs, inUse: () => memosInUse.now() });
}

/** An update of a flow that is held and set up. */
export function runHeldUpdate(held: HeldFlow, work: HeldUpdateWork): Promise<UpdateInfo> {
  return runUpdate({ ...updateOptions(held, work), rows: work.rows });
}

function updateOptions(held: HeldFlow, work: Omit<HeldUpdateWork, "rows">): Omit<UpdateOptions, "rows"> {
  const { plan, settings } = work;
  return {
    plan,
    flow: held.id,
    bindings: bindingsOf(plan, held.record()),
    fence: () => held.fence(),
    holds: () => held.holds(),
    ownersKeptUp: () => held.writeRecord(withOwnersSettled(held.record())),
    adoptionsSettled: (targets) => held.writeRecord(withAdoptionsSettled(held.record(), targets)),
    forgetSources: (sources) => held.forgetSources(sources.map(({ id }) => id)),
    store: held.store,
    memosInUse,
    policies: callPolicies(settings.clock),
    clock: settings.clock,
    random: settings.random,
    appDirectory: settings.appDirectory,
    limits: {
      ...processLimits(settings),
      mutateTimeoutMs: settings.mutateTimeoutMs,
      stopTimeoutMs: settings.stopTimeoutMs,
    },
    forcing: { reexport: work.reexportTargets, fullReprocess: work.fullReprocess },
    allowDeletions: work.allowDeletions,
    report: work.report,
    signal: work.signal,
  };
}

/**
 * Only for what changes outside: what a source that left had yielded goes without a word here, since whoever calls this has
 * written the definition. The command line asks.
 *
 * @throws SluiceError `setup-needed` where a backend is not in the state that the flow needs
 */
export function refuseUnlessSetUp(setup: SetupPlan): void {
  const pending = [...setup.actions, ...setup.sourceActions];
  if (pending.length === 0) return;
  const actions = pending.map(({ verb, description }) => `${verb} ${description}`).join(", ");
  throw new SluiceError("setup-needed", `the flow must be set up first: ${actions}`, {
    where: { flow: setup.flow },
    hint: "Call flow.setup(), or run `sluice setup` on the flow's file.",
  });
}

function didWork(info: UpdateInfo): boolean {
  return Object.values(info.sources).some(
    ({ inserted, updated, deleted, reprocessed }) => inserted + updated + deleted + reprocessed > 0,
  );
}
