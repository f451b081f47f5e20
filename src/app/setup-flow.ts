import { registeredSourceSetup, registeredTarget } from "../contracts/connector-registry.ts";
import type { EngineEvent, Report } from "../contracts/events.ts";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";
import {
  applySetup,
  backendText,
  changesOutside,
  decodeSetupRecord,
  findBackends,
  planDrop,
  planSetup,
  type SetupAction,
  type SetupPlan,
  type SetupRecord,
  type SourceSetupAction,
} from "../setup/index.ts";
import { adoptRowsOf } from "./adopt-backends.ts";
import type { HeldFlow } from "./held-flow.ts";

export interface SetupWork {
  readonly appDirectory: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** A flow and what its store says of it. */
export interface FlowToSetUp {
  readonly plan: Plan;
  readonly id: FlowId;
  readonly record: SetupRecord;
  readonly store: StateStore | null;
}

/** How a setup deals with what it does not know, and with what it cannot drop. */
export interface PlanningOptions {
  /** Take over backends that are there already; where they are looked for. */
  readonly adopt: { readonly appDirectory: string; readonly signal: AbortSignal } | null;
  /** Let go of backends whose connector is gone. */
  readonly forget: boolean;
}

const plainly: PlanningOptions = { adopt: null, forget: false };

/** Plans against what is recorded, refusing backends that another flow of the store owns. No rows are counted. */
export async function planFlowSetup(
  { plan, id, record, store }: FlowToSetUp,
  { adopt, forget }: PlanningOptions = plainly,
): Promise<SetupPlan> {
  if (store) await refuseForeignBackends(plan, id, store);
  const found = adopt && (await findBackends(plan, record, adopt));
  return planSetup({ plan, recorded: record, found, ...findDefined, forget });
}

const findDefined = { findConnector: registeredTarget, findSourceSetup: registeredSourceSetup };

/** What dropping a flow would remove. No rows are counted. */
export function planFlowDrop(record: SetupRecord, { forget = false }: { readonly forget?: boolean } = {}) {
  return planDrop(record, { ...findDefined, forget });
}

/** What was done, and what could not be. */
export interface SetupResult extends SetupPlan {
  /** What is not known any more and still there, since it could not be dropped. */
  readonly leftBehind: readonly (SetupAction | SourceSetupAction)[];
}

export interface ApplyFlowSetup extends SetupWork {
  readonly held: HeldFlow;
  /** The flow's plan; null where it is dropped. */
  readonly plan: Plan | null;
  readonly forget: boolean;
}

/** Carries a setup plan out under the flow's lease. Throws the first failure when all that can be done is done. */
export async function applyFlowSetup(
  setup: SetupPlan,
  { held, plan, forget, appDirectory, report, signal }: ApplyFlowSetup,
): Promise<SetupResult> {
  if (!setup.recordsChange && !changesOutside(setup)) return { ...setup, leftBehind: [] };
  const context = { appDirectory, signal, leaseNumber: held.fence().number };
  const { failures, leftBehind } = await applySetup({
    plan: setup,
    context,
    forget,
    record: (record) => held.writeRecord(record),
    adoptRows: (action) => adoptRowsOf(action, { plan, setup, held, context }),
    onDone: (action) => report(doneEvent(action)),
    onLeftBehind: ({ action, error }) => report(leftEvent(action, error)),
  });
  if (failures.length > 0) throw failureOf(failures.map(({ error }) => error));
  return { ...setup, leftBehind: leftBehind.map(({ action }) => action) };
}

function doneEvent(action: SetupAction | SourceSetupAction): EngineEvent {
  const { verb, name, description } = action;
  return "sourceKind" in action
    ? { kind: "source-setup-applied", verb, source: name, description }
    : { kind: "setup-applied", verb, target: name, description };
}

function leftEvent(action: SetupAction | SourceSetupAction, error: SluiceError): EngineEvent {
  const { name, description } = action;
  return "sourceKind" in action
    ? { kind: "source-setup-left", source: name, description, error }
    : { kind: "backend-left", target: name, description, error };
}

/** The first failure, with the others as its cause. */
function failureOf(errors: readonly SluiceError[]): SluiceError {
  const first = errors[0]!;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new SluiceError(first.code, `${first.message}${more}`, {
    where: first.where,
    hint: first.hint,
    cause: errors.length > 1 ? new AggregateError(errors) : first.cause,
  });
}

/** Removes everything that the flow owns, and all that is stored for it. What fails to drop stays recorded. */
export async function dropFlow(
  held: HeldFlow,
  work: SetupWork & { readonly forget: boolean },
): Promise<SetupResult> {
  const setup = planFlowDrop(held.record(), work);
  const result = await applyFlowSetup(setup, { ...work, held, plan: null });
  await held.store.write({ fence: held.fence(), removeFlow: true });
  return result;
}

async function refuseForeignBackends(plan: Plan, id: FlowId, store: StateStore): Promise<void> {
  const [backends, sourceSetups] = [wantedBackends(plan), wantedSourceSetups(plan)];
  for (const other of await store.flows()) {
    if (other === id) continue;
    const stored = await store.readSetup(other);
    if (stored === null) continue;
    const known = decodeSetupRecord(stored.record);
    for (const { kind, key, name } of known.targets) {
      const mine = backends.get(backendText(kind, key));
      if (mine) throw foreign(mine, { flow: plan.flow, owner: `export ${name} of flow ${other}`, other });
    }
    for (const { kind, key, name } of known.sourceSetups) {
      const mine = sourceSetups.get(backendText(kind, key));
      if (mine) throw foreign(mine, { flow: plan.flow, owner: `source ${name} of flow ${other}`, other });
    }
  }
}

/** Something that the flow would own, in words, and whose it is. */
interface Wanted {
  readonly description: string;
  readonly of: { readonly target: string } | { readonly source: string };
}

function wantedBackends({ exports }: Plan): ReadonlyMap<string, Wanted> {
  return new Map(
    exports.map(({ definition, persistentKey: key, name }) => [
      backendText(definition.kind, key),
      { description: definition.describe(key), of: { target: name } },
    ]),
  );
}

function wantedSourceSetups({ sources }: Plan): ReadonlyMap<string, Wanted> {
  return new Map(
    sources.flatMap(({ name, setup }) => {
      if (setup === null) return [];
      const { definition, key } = setup;
      const wanted = { description: definition.describe(key), of: { source: name } };
      return [[backendText(definition.sourceKind, key), wanted] as const];
    }),
  );
}

interface Owner {
  readonly flow: string;
  readonly owner: string;
  readonly other: FlowId;
}

function foreign({ description, of }: Wanted, { flow, owner, other }: Owner): SluiceError {
  return new SluiceError("setup-conflict", `${description} belongs to ${owner}`, {
    where: { flow, ...of },
    hint: `Choose another backend, or drop flow ${other} first.`,
  });
}
