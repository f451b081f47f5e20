import type { TargetContext } from "../contracts/target.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { connectorState } from "./recorded-state.ts";
import type { SetupAction, SetupPlan } from "./setup-plan.ts";
import type { SetupRecord } from "./setup-record.ts";

export interface ApplySetup {
  readonly plan: SetupPlan;
  readonly context: TargetContext;
  /** Makes a setup record durable. */
  record(record: SetupRecord): Promise<void>;
  /** Told after each action that was done. */
  onDone?(action: SetupAction): void;
}

export interface AppliedSetup {
  /** What is recorded now. */
  readonly record: SetupRecord;
  readonly failures: readonly { readonly action: SetupAction; readonly error: SluiceError }[];
}

/**
 * Carries out a setup plan: records what is about to happen, calls the connectors, records what happened. An
 * action that fails stays staged, so that the next setup takes it up; the others go on.
 */
export async function applySetup({ plan, context, record, onDone }: ApplySetup): Promise<AppliedSetup> {
  if (plan.actions.length > 0) await record(plan.staged);
  const failures: { action: SetupAction; error: SluiceError }[] = [];
  for (const action of plan.actions) {
    try {
      await applyAction(action, context);
      onDone?.(action);
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      failures.push({ action, error: failureOf(plan.flow, action, thrown) });
    }
  }
  const result = withFailures(
    plan,
    failures.map(({ action }) => action),
  );
  await record(result);
  return { record: result, failures };
}

async function applyAction(action: SetupAction, context: TargetContext): Promise<void> {
  if (action.byUser) return;
  if (action.connector === null) {
    throw new SluiceError(
      "connector-missing",
      `cannot ${action.verb} ${action.description}: no target of kind ${action.targetKind} is defined`,
      {
        hint: `Import the module that defines target kind ${action.targetKind} in the flow file, then run it again.`,
      },
    );
  }
  for (const { previous, current } of action.changes) {
    context.signal.throwIfAborted();
    const change = { key: action.key, previous: connectorState(previous), current: connectorState(current) };
    await action.connector.applySetupChange(change, context);
  }
}

function failureOf(flow: string, action: SetupAction, thrown: unknown): SluiceError {
  const where = { flow, target: action.name };
  const error = toSluiceError(thrown, "setup-failed", { where });
  return new SluiceError(error.code, `${action.verb} ${action.description}: ${error.message}`, {
    where,
    hint: error.hint ?? "The rest was done. Mend the cause and run setup again: it goes on from here.",
    cause: error.cause,
  });
}

/** What is done is recorded as done; what failed is recorded as staged. */
function withFailures(plan: SetupPlan, failed: readonly SetupAction[]): SetupRecord {
  if (failed.length === 0) return plan.done;
  const failedIds = new Set(failed.map((action) => action.target));
  const done = plan.done.targets.filter((target) => !failedIds.has(target.id));
  const staged = plan.staged.targets.filter((target) => failedIds.has(target.id));
  return { ...plan.done, targets: [...done, ...staged] };
}
