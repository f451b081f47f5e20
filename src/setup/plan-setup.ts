import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan } from "../plan/index.ts";
import { type Dropping, dropAction } from "./drop-action.ts";
import type { FoundBackends } from "./found-backends.ts";
import { logicsToKeep } from "./logics.ts";
import { settledOrder } from "./owner-index.ts";
import { type DroppingSourceSetups, planSourceSetups, planSourceSetupsDrop } from "./plan-source-setups.ts";
import { planSources } from "./plan-sources.ts";
import { planTargets } from "./plan-targets.ts";
import type { SetupPlan } from "./setup-plan.ts";
import { type RecordedTarget, type SetupRecord, withStates } from "./setup-record.ts";
import { sourceChanges } from "./source-changes.ts";

/** How what the flow needs no more is dropped. */
export interface DroppingAll extends Dropping, DroppingSourceSetups {}

export interface PlanSetup extends DroppingAll {
  readonly plan: Plan;
  readonly recorded: SetupRecord;
  /** What was found of backends that are not recorded, to take them over; null to make them. */
  readonly found: FoundBackends | null;
}

/** Compares what a flow needs with what is recorded. Pure; rows are not counted yet. */
export function planSetup({ plan, recorded, found, ...dropping }: PlanSetup): SetupPlan {
  const sources = planSources(plan, recorded);
  const targets = planTargets({ plan, recorded, sources: sources.all, found });
  const dropped = recorded.targets.filter((target) => !targets.matched.has(target.id));
  const sourceSetups = planSourceSetups(plan, recorded, dropping);
  const actions = [...targets.actions, ...dropped.map((target) => dropAction(target, dropping))];
  const staged: SetupRecord = {
    flow: plan.flow,
    nextSourceId: sources.nextId,
    nextTargetId: targets.nextId,
    logics: logicsToKeep(plan, targets.done, recorded.logics),
    sources: sources.all,
    sourceOrder: settledOrder(recorded, sources.all),
    targets: [...targets.staged, ...dropped.map(maybeDropped)],
    sourceSetups: sourceSetups.staged,
  };
  const done: SetupRecord = { ...staged, targets: targets.done, sourceSetups: sourceSetups.done };
  return {
    flow: plan.flow,
    actions,
    sourceActions: sourceSetups.actions,
    sourceChanges: sourceChanges(recorded.sources, sources.all),
    staged,
    done,
    recordsChange: canonicalJson(done) !== canonicalJson(recorded),
  };
}

/** Plans the removal of everything outside that the flow owns. Pure; rows are not counted yet. */
export function planDrop(recorded: SetupRecord, dropping: DroppingAll): SetupPlan {
  const sourceSetups = planSourceSetupsDrop(recorded.sourceSetups, dropping);
  return {
    flow: recorded.flow,
    actions: recorded.targets.map((target) => dropAction(target, dropping)),
    sourceActions: sourceSetups.actions,
    sourceChanges: [],
    staged: {
      ...recorded,
      targets: recorded.targets.map(maybeDropped),
      sourceSetups: sourceSetups.staged,
    },
    // Their rows are still there until everything is removed, which may not come to pass.
    done: {
      ...recorded,
      sources: recorded.sources.map((source) => ({ ...source, gone: true })),
      targets: [],
      sourceSetups: [],
    },
    recordsChange: true,
  };
}

function maybeDropped(target: RecordedTarget): RecordedTarget {
  return { ...target, staged: withStates(target, [null]) };
}
