import type { TargetContext } from "../contracts/target.ts";
import { adoptRows, countRows } from "../engine/index.ts";
import { InternalError, isSluiceError } from "../errors/index.ts";
import type { Plan, PlannedExport } from "../plan/index.ts";
import type { SetupAction, SetupPlan } from "../setup/index.ts";
import type { HeldFlow } from "./held-flow.ts";

export interface AdoptedFlow {
  readonly plan: Plan | null;
  readonly setup: SetupPlan;
  readonly held: HeldFlow;
  readonly context: TargetContext;
}

/** Takes down the rows of a backend that was adopted, none where it cannot be read back; resolves to their number. */
export async function adoptRowsOf(
  action: SetupAction,
  { plan, setup, held, context }: AdoptedFlow,
): Promise<number> {
  const planned = exportOf(action, plan);
  const target = setup.done.targets.find(({ id }) => id === action.target);
  if (!planned || !target) throw new InternalError(`export ${action.name} is adopted and not planned`);
  if (planned.definition.readBack === null) return 0;
  const { id, schemaVersion } = target;
  const rewrite = action.verdict === "lossy";
  return adoptRows(
    { planned, target: id, schemaVersion, rewrite },
    { store: held.store, flow: held.id, fence: () => held.fence(), context },
  );
}

/**
 * The plan with the rows that backends hold which would be adopted, all of which it reads back. One that cannot be read
 * may not be there at all, which setup finds out.
 */
export async function countAdoptedRows(
  setup: SetupPlan,
  plan: Plan,
  context: TargetContext,
): Promise<SetupPlan> {
  const actions: SetupAction[] = [];
  for (const action of setup.actions) {
    const planned = action.verb === "adopt" ? exportOf(action, plan) : null;
    const rows = planned?.definition.readBack ? await countOrNull(planned, context) : action.rows;
    actions.push({ ...action, rows });
  }
  return { ...setup, actions };
}

async function countOrNull(planned: PlannedExport, context: TargetContext): Promise<number | null> {
  try {
    return await countRows(planned, context);
  } catch (thrown) {
    context.signal.throwIfAborted();
    if (isSluiceError(thrown)) return null;
    throw thrown;
  }
}

function exportOf({ name }: SetupAction, plan: Plan | null): PlannedExport | null {
  return plan?.exports.find((planned) => planned.name === name) ?? null;
}
