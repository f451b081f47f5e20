import { SluiceError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { isSetupNeeded, type SetupPlan } from "../setup/index.ts";
import { countAdoptedRows } from "./adopt-backends.ts";
import { countPlanRows } from "./count-plan-rows.ts";
import { type FlowToSetUp, planFlowDrop, planFlowSetup } from "./setup-flow.ts";
import type { PlanSetupOptions } from "./verb-options.ts";

export interface CountedSetup extends PlanSetupOptions {
  readonly appDirectory: string;
  readonly signal: AbortSignal;
  /** Also the rows of backends that would be adopted, which reads them back. */
  readonly readBack: boolean;
}

/** A setup plan with the rows that it touches. */
export async function planCountedSetup(
  flow: FlowToSetUp,
  { adopt = false, forget = false, readBack, ...context }: CountedSetup,
): Promise<SetupPlan> {
  const { plan, id, record, store } = flow;
  const setup = await planFlowSetup(flow, { adopt: adopt ? context : null, forget });
  const counted = await countPlanRows(setup, { plan, flow: id, record, store });
  // Nobody writes: any number will do for one.
  return adopt && readBack ? countAdoptedRows(counted, plan, { ...context, leaseNumber: 0 }) : counted;
}

/** A plan to drop a flow with the rows that it touches; `plan` may be null. */
export async function planCountedDrop(
  { id, record, store }: Omit<FlowToSetUp, "plan">,
  options: Pick<PlanSetupOptions, "forget">,
): Promise<SetupPlan> {
  return countPlanRows(planFlowDrop(record, options), { plan: null, flow: id, record, store });
}

/** Between the showing of a plan and its doing, another process may have set the flow up or dropped it. */
export function refuseUnlessAgreed(plan: SetupPlan, agreed: SetupPlan): void {
  if (!isSetupNeeded(plan) || gistOf(plan) === gistOf(agreed)) return;
  throw new SluiceError("setup-refused", "what must be set up has changed since it was shown", {
    where: { flow: plan.flow },
    hint: "Another process has worked on the flow meanwhile; look at the plan again.",
  });
}

/** All but the numbers of rows, which an update may have changed. */
function gistOf({ actions, sourceActions, sourceChanges }: SetupPlan): string {
  return canonicalJson([
    sourceActions.map(({ verb, name, sourceKind, key, changes }) => [verb, name, sourceKind, key, changes]),
    actions.map(({ verb, name, targetKind, key, changes }) => [verb, name, targetKind, key, changes]),
    sourceChanges.map(({ change, name, formerName }) => [change, name, formerName]),
  ]);
}
