import type { TargetId } from "../contracts/state-store.ts";
import type { TargetContext } from "../contracts/target.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { backendText } from "./found-backends.ts";
import { textOf } from "./plan-source-setups.ts";
import { connectorState } from "./recorded-state.ts";
import { changesOutside, type SetupAction, type SetupPlan, type SourceSetupAction } from "./setup-plan.ts";
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
  onDone?(action: SetupAction | SourceSetupAction): void;
  /** Told of all that is not known any more and still there, with what kept it from being dropped. */
  onLeftBehind?(left: LeftBehind): void;
}

/** What was let go of as it is. */
export interface LeftBehind {
  readonly action: SetupAction | SourceSetupAction;
  readonly error: SluiceError;
}

export interface AppliedSetup {
  /** What is recorded now. */
  readonly record: SetupRecord;
  readonly failures: readonly LeftBehind[];
  readonly leftBehind: readonly LeftBehind[];
}

/**
 * Carries out a setup plan: records what is about to happen, calls the connectors, records what happened. An
 * action that fails stays staged, so that the next setup takes it up; the others go on.
 */
export async function applySetup(options: ApplySetup): Promise<AppliedSetup> {
  const { plan, context, record } = options;
  if (changesOutside(plan)) await record(plan.staged);
  const failures: LeftBehind[] = [];
  const leftBehind: LeftBehind[] = [];
  const adopted = new Map<TargetId, number>();
  for (const action of [...plan.actions, ...plan.sourceActions]) {
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
function mayBeLeft({ verb }: SetupAction | SourceSetupAction, { forget = false }: ApplySetup): boolean {
  return verb === "forget" || (forget && verb === "drop");
}

async function applyAction(action: SetupAction | SourceSetupAction, context: TargetContext): Promise<void> {
  if ("sourceKind" in action) return applySourceAction(action, context);
  if (action.byUser) return;
  if (action.connector === null) throw connectorMissing(`target of kind ${action.targetKind}`);
  for (const { previous, current } of action.changes) {
    context.signal.throwIfAborted();
    const change = { key: action.key, previous: connectorState(previous), current: connectorState(current) };
    await action.connector.applySetupChange(change, context);
  }
}

async function applySourceAction(
  { sourceKind, key, changes, connector }: SourceSetupAction,
  { appDirectory, signal }: TargetContext,
): Promise<void> {
  if (connector === null) throw connectorMissing(`source of kind ${sourceKind}`);
  for (const change of changes) {
    signal.throwIfAborted();
    await connector.applySetupChange({ ...change, key }, { appDirectory, signal });
  }
}

function connectorMissing(what: string): SluiceError {
  return new SluiceError("connector-missing", `no ${what} is defined`, {
    hint: `Import the module that defines the ${what} in the flow file and run it again; --forget lets go of what cannot be dropped any more.`,
  });
}

function failureOf(flow: string, action: SetupAction | SourceSetupAction, thrown: unknown): SluiceError {
  const where = "sourceKind" in action ? { flow, source: action.name } : { flow, target: action.name };
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
function withFailures(plan: SetupPlan, failed: readonly LeftBehind["action"][]): SetupRecord {
  if (failed.length === 0) return plan.done;
  const failedTargets = new Set(failed.map((action) => ("target" in action ? action.target : null)));
  const failedSetups = new Set(
    failed.map((action) => ("sourceKind" in action ? backendText(action.sourceKind, action.key) : null)),
  );
  const targets = pick(plan, "targets", (target) => failedTargets.has(target.id));
  const sourceSetups = pick(plan, "sourceSetups", (setup) => failedSetups.has(textOf(setup)));
  return { ...plan.done, targets, sourceSetups };
}

function pick<N extends "targets" | "sourceSetups">(
  { done, staged }: SetupPlan,
  name: N,
  hasFailed: (recorded: SetupRecord[N][number]) => boolean,
): SetupRecord[N][number][] {
  const [whenDone, whenStaged]: (readonly SetupRecord[N][number][])[] = [done[name], staged[name]];
  return [...whenDone!.filter((each) => !hasFailed(each)), ...whenStaged!.filter(hasFailed)];
}
