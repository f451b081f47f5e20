import type { TargetId } from "../contracts/state-store.ts";
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
  /** Takes down the rows that an adopted backend holds; resolves to how many there are. */
  adoptRows(action: SetupAction): Promise<number>;
  /** Lets go of a backend that cannot be dropped, rather than fail. */
  readonly forget?: boolean;
  /** Told after each action that was done. */
  onDone?(action: SetupAction): void;
  /** Told of each backend that is not known any more and still there, with what kept it from being dropped. */
  onLeftBehind?(left: LeftBehind): void;
}

/** A backend that was let go of as it is. */
export interface LeftBehind {
  readonly action: SetupAction;
  readonly error: SluiceError;
}

export interface AppliedSetup {
  /** What is recorded now. */
  readonly record: SetupRecord;
  readonly failures: readonly { readonly action: SetupAction; readonly error: SluiceError }[];
  readonly leftBehind: readonly LeftBehind[];
}

/**
 * Carries out a setup plan: records what is about to happen, calls the connectors, records what happened. An
 * action that fails stays staged, so that the next setup takes it up; the others go on.
 */
export async function applySetup(options: ApplySetup): Promise<AppliedSetup> {
  const { plan, context, record } = options;
  if (plan.actions.length > 0) await record(plan.staged);
  const failures: { action: SetupAction; error: SluiceError }[] = [];
  const leftBehind: LeftBehind[] = [];
  const adopted = new Map<TargetId, number>();
  for (const action of plan.actions) {
    try {
      await applyAction(action, context);
      if (action.verb === "adopt") adopted.set(action.target, await options.adoptRows(action));
      options.onDone?.(action);
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      const failure = { action, error: failureOf(plan.flow, action, thrown) };
      if (!mayBeLeft(action, options)) failures.push(failure);
      else {
        leftBehind.push(failure);
        options.onLeftBehind?.(failure);
      }
    }
  }
  const result = withFailures(
    withAdopted(plan, adopted),
    failures.map(({ action }) => action),
  );
  await record(result);
  return { record: result, failures, leftBehind };
}

/** Only what leaves the flow can be let go of; what it needs must be as it needs it. */
function mayBeLeft({ verb }: SetupAction, { forget = false }: ApplySetup): boolean {
  return verb === "forget" || (forget && verb === "drop");
}

async function applyAction(action: SetupAction, context: TargetContext): Promise<void> {
  if (action.byUser) return;
  if (action.connector === null) throw connectorMissing(action);
  for (const { previous, current } of action.changes) {
    context.signal.throwIfAborted();
    const change = { key: action.key, previous: connectorState(previous), current: connectorState(current) };
    await action.connector.applySetupChange(change, context);
  }
}

function connectorMissing({ targetKind }: SetupAction): SluiceError {
  return new SluiceError("connector-missing", `no target of kind ${targetKind} is defined`, {
    hint: `Import the module that defines target kind ${targetKind} in the flow file and run it again; --forget lets go of what cannot be dropped any more.`,
  });
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

function withAdopted(plan: SetupPlan, adopted: ReadonlyMap<TargetId, number>): SetupPlan {
  const targets = plan.done.targets.map((target) => {
    const rows = adopted.get(target.id);
    return rows === undefined || target.adoption === null ? target : { ...target, adoption: { rows } };
  });
  return { ...plan, done: { ...plan.done, targets } };
}

/** What is done is recorded as done; what failed is recorded as staged. */
function withFailures(plan: SetupPlan, failed: readonly SetupAction[]): SetupRecord {
  if (failed.length === 0) return plan.done;
  const failedIds = new Set(failed.map((action) => action.target));
  const done = plan.done.targets.filter((target) => !failedIds.has(target.id));
  const staged = plan.staged.targets.filter((target) => failedIds.has(target.id));
  return { ...plan.done, targets: [...done, ...staged] };
}
