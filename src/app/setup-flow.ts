import { registeredTarget } from "../contracts/connector-registry.ts";
import type { Report } from "../contracts/events.ts";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan } from "../plan/index.ts";
import {
  applySetup,
  decodeSetupRecord,
  planDrop,
  planSetup,
  type SetupPlan,
  type SetupRecord,
} from "../setup/index.ts";
import type { HeldFlow } from "./held-flow.ts";

export interface SetupWork {
  readonly appDirectory: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Plans against what is recorded, refusing backends that another flow of the store owns. */
export async function planFlowSetup(
  plan: Plan,
  id: FlowId,
  record: SetupRecord,
  store: StateStore | null,
): Promise<SetupPlan> {
  if (store) await refuseForeignBackends(plan, id, store);
  return planSetup(plan, record, registeredTarget);
}

/** Carries a setup plan out under the flow's lease. */
export async function applyFlowSetup(
  plan: SetupPlan,
  held: HeldFlow,
  { appDirectory, report, signal }: SetupWork,
): Promise<void> {
  if (!plan.recordsChange && plan.actions.length === 0) return;
  const { failures } = await applySetup({
    plan,
    context: { appDirectory, signal, leaseNumber: held.fence().number },
    record: (record) => held.writeRecord(record),
    onDone: ({ verb, name, description }) =>
      report({ kind: "setup-applied", verb, target: name, description }),
  });
  const [first] = failures;
  if (!first) return;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
  throw new SluiceError(first.error.code, `${first.error.message}${more}`, {
    where: first.error.where,
    hint: first.error.hint,
    cause: failures.length > 1 ? new AggregateError(failures.map(({ error }) => error)) : first.error.cause,
  });
}

/** What dropping a flow would remove. */
export function planFlowDrop(record: SetupRecord): SetupPlan {
  return planDrop(record, registeredTarget);
}

/** Removes everything that the flow owns, and all that is stored for it. What fails to drop stays recorded. */
export async function dropFlow(held: HeldFlow, work: SetupWork): Promise<SetupPlan> {
  const plan = planFlowDrop(held.record());
  await applyFlowSetup(plan, held, work);
  await held.store.write({ fence: held.fence(), removeFlow: true });
  return plan;
}

async function refuseForeignBackends(plan: Plan, id: FlowId, store: StateStore): Promise<void> {
  const wanted = new Map(
    plan.exports.map((planned) => [canonicalJson([planned.definition.kind, planned.persistentKey]), planned]),
  );
  for (const other of await store.flows()) {
    if (other === id) continue;
    const stored = await store.readSetup(other);
    if (stored === null) continue;
    for (const { kind, key, name } of decodeSetupRecord(stored.record).targets) {
      const mine = wanted.get(canonicalJson([kind, key]));
      if (!mine) continue;
      throw new SluiceError(
        "setup-conflict",
        `${mine.definition.describe(mine.persistentKey)} belongs to export ${name} of flow ${other}`,
        {
          where: { flow: plan.flow, target: mine.name },
          hint: `Choose another backend, or drop flow ${other} first.`,
        },
      );
    }
  }
}
