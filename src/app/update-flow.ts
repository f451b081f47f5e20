import type { Report, UpdateInfo } from "../contracts/events.ts";
import { runUpdate } from "../engine/index.ts";
import { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";
import { type SetupPlan, withOwnersSettled } from "../setup/index.ts";
import { bindingsOf } from "./bindings.ts";
import type { HeldFlow } from "./held-flow.ts";
import { processLimits } from "./process-limits.ts";
import type { Settings } from "./settings.ts";
import { planFlowSetup } from "./setup-flow.ts";

export interface UpdateWork {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly reexportTargets: boolean;
  readonly fullReprocess: boolean;
  readonly allowDeletions: boolean | number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** One update under the flow's lease. Refuses where a backend is not in the state that the flow needs. */
export async function updateFlow(held: HeldFlow, work: UpdateWork): Promise<UpdateInfo> {
  const { plan, settings } = work;
  const setup = await planFlowSetup(plan, held.id, held.record(), held.store);
  refuseUnlessSetUp(setup);
  if (setup.recordsChange) await held.writeRecord(setup.done);
  const info = await runUpdate({
    plan,
    flow: held.id,
    bindings: bindingsOf(plan, held.record()),
    fence: () => held.fence(),
    holds: () => held.holds(),
    ownersKeptUp: () => held.writeRecord(withOwnersSettled(held.record())),
    rows: null,
    forgetSources: (sources) => held.forgetSources(sources.map(({ id }) => id)),
    store: held.store,
    clock: settings.clock,
    random: settings.random,
    appDirectory: settings.appDirectory,
    limits: { ...processLimits(settings), mutateTimeoutMs: settings.mutateTimeoutMs },
    forcing: { reexport: work.reexportTargets, fullReprocess: work.fullReprocess },
    allowDeletions: work.allowDeletions,
    report: work.report,
    signal: work.signal,
  });
  if (didWork(info)) await held.store.collectMemos({ retentionMs: settings.memoRetentionMs });
  return info;
}

function refuseUnlessSetUp(setup: SetupPlan): void {
  if (setup.actions.length === 0) return;
  const actions = setup.actions.map(({ verb, description }) => `${verb} ${description}`).join(", ");
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
