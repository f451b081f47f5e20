import type { SourceId, TargetId } from "../contracts/state-store.ts";
import type { Json, SetupVerdict, TargetDefinition } from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan, PlannedExport } from "../plan/index.ts";
import { newOwnerIndex, nextOwnerIndex, settledOrder } from "./owner-index.ts";
import { unwrapState } from "./recorded-state.ts";
import type { SetupAction, SetupPlan, SetupVerb } from "./setup-plan.ts";
import {
  possibleStates,
  type RecordedSource,
  type RecordedTarget,
  type SetupRecord,
} from "./setup-record.ts";

/** Finds the connector of a backend that no export of the plan uses any more. */
export type FindConnector = (kind: string) => TargetDefinition | null;

/** Compares what a flow needs with what is recorded. Pure. */
export function planSetup(plan: Plan, recorded: SetupRecord, findConnector: FindConnector): SetupPlan {
  const sources = planSources(plan, recorded);
  const targets = planTargets(plan, recorded, sources.all);
  const dropped = recorded.targets.filter((target) => !targets.matched.has(target.id));
  const actions = [...targets.actions, ...dropped.map((target) => dropAction(target, findConnector))];
  const numbers = { nextSourceId: sources.nextId, nextTargetId: targets.nextId };
  const staged: SetupRecord = {
    flow: plan.flow,
    ...numbers,
    sources: sources.all,
    sourceOrder: settledOrder(recorded, sources.all),
    targets: [
      ...targets.staged,
      ...dropped.map((target) => ({ ...target, staged: withState(target, null) })),
    ],
  };
  const done: SetupRecord = { ...staged, targets: targets.done };
  const recordsChange = canonicalJson(done) !== canonicalJson(recorded);
  return { flow: plan.flow, actions, staged, done, recordsChange };
}

/** Plans the removal of everything that the flow owns. Pure. */
export function planDrop(recorded: SetupRecord, findConnector: FindConnector): SetupPlan {
  const staged = {
    ...recorded,
    targets: recorded.targets.map((target) => ({ ...target, staged: withState(target, null) })),
  };
  return {
    flow: recorded.flow,
    actions: recorded.targets.map((target) => dropAction(target, findConnector)),
    staged,
    // Their rows are still there until everything is removed, which may not come to pass.
    done: {
      ...recorded,
      sources: recorded.sources.map((source) => ({ ...source, gone: true })),
      targets: [],
    },
    recordsChange: true,
  };
}

function planSources(plan: Plan, recorded: SetupRecord): { all: RecordedSource[]; nextId: number } {
  let nextId = recorded.nextSourceId;
  const taken = new Set<SourceId>();
  const wanted = plan.sources.map(({ name, step }): RecordedSource => {
    const former = step.options.renamedFrom;
    const known =
      recorded.sources.find((source) => source.name === name) ??
      recorded.sources.find((source) => source.name === former);
    const id = known && !taken.has(known.id) ? known.id : (nextId++ as SourceId);
    taken.add(id);
    return { id, name, gone: false };
  });
  const gone = recorded.sources
    .filter((source) => !taken.has(source.id))
    .map((source) => ({ ...source, gone: true }));
  return { all: [...wanted, ...gone], nextId };
}

interface PlannedTargets {
  readonly sources: readonly RecordedSource[];
  readonly actions: SetupAction[];
  readonly staged: RecordedTarget[];
  readonly done: RecordedTarget[];
  readonly matched: Set<TargetId>;
  nextId: number;
}

function planTargets(plan: Plan, recorded: SetupRecord, sources: readonly RecordedSource[]): PlannedTargets {
  const result: PlannedTargets = {
    sources,
    actions: [],
    staged: [],
    done: [],
    matched: new Set(),
    nextId: recorded.nextTargetId,
  };
  for (const planned of plan.exports) {
    const known = recorded.targets.find((target) => isBackendOf(target, planned));
    if (known) {
      result.matched.add(known.id);
      planChange(planned, known, result);
    } else {
      planCreate(planned, result);
    }
  }
  return result;
}

function isBackendOf(target: RecordedTarget, planned: PlannedExport): boolean {
  return (
    target.kind === planned.definition.kind &&
    canonicalJson(target.key) === canonicalJson(planned.persistentKey)
  );
}

function planCreate(planned: PlannedExport, result: PlannedTargets): void {
  const wanted: RecordedTarget = {
    id: result.nextId++ as TargetId,
    name: planned.name,
    kind: planned.definition.kind,
    key: planned.persistentKey,
    schemaVersion: 1,
    current: planned.wantedState,
    staged: [],
    setupByUser: planned.step.setupByUser,
    ownerIndex: newOwnerIndex(planned, result.sources),
  };
  result.done.push(wanted);
  result.staged.push({ ...wanted, current: null, staged: [planned.wantedState] });
  result.actions.push(
    actionFor(planned, wanted.id, "create", "new", [{ previous: null, current: planned.wantedState }]),
  );
}

function planChange(planned: PlannedExport, known: RecordedTarget, result: PlannedTargets): void {
  const states = possibleStates(known);
  const verdict = mayBeDropped(known)
    ? "destructive"
    : worstOf(states.map((state) => verdictOf(planned, state)));
  const ownerIndex = nextOwnerIndex(known.ownerIndex, planned, result.sources);
  const settled = { ...known, name: planned.name, setupByUser: planned.step.setupByUser, ownerIndex };
  if (verdict === "unchanged" && known.staged.length === 0) {
    result.staged.push(settled);
    result.done.push({ ...settled, current: planned.wantedState });
    return;
  }
  const id = verdict === "destructive" ? (result.nextId++ as TargetId) : known.id;
  const schemaVersion = known.schemaVersion + (verdict === "lossy" ? 1 : 0);
  const next = {
    ...settled,
    id,
    schemaVersion,
    ownerIndex: verdict === "destructive" ? newOwnerIndex(planned, result.sources) : ownerIndex,
  };
  result.staged.push({ ...next, staged: withState(known, planned.wantedState) });
  result.done.push({ ...next, current: planned.wantedState, staged: [] });
  const changes = changesTo(planned.wantedState, states, verdict);
  const verb = known.current === null ? "create" : verbs[verdict];
  result.actions.push(actionFor(planned, id, verb, verdict, changes));
}

/** An interrupted drop leaves it open whether the rows are there: only making the backend anew settles it. */
function mayBeDropped(known: RecordedTarget): boolean {
  return known.current !== null && known.staged.includes(null);
}

const verbs: Readonly<Record<SetupVerdict, SetupVerb>> = {
  unchanged: "alter",
  compatible: "alter",
  lossy: "rewrite",
  destructive: "rebuild",
};

/** Destructive: everything that may be there goes, then the wanted state is made once. */
function changesTo(
  wanted: Json,
  states: readonly Json[],
  verdict: SetupVerdict,
): { previous: Json; current: Json }[] {
  if (verdict !== "destructive") return states.map((previous) => ({ previous, current: wanted }));
  const removals = states.filter((state) => state !== null).map((previous) => ({ previous, current: null }));
  return [...removals, { previous: null, current: wanted }];
}

function verdictOf(planned: PlannedExport, previous: Json): SetupVerdict {
  if (previous === null) return "compatible";
  const [before, wanted] = [unwrapState(previous), unwrapState(planned.wantedState)];
  // Rows that were written under another primary key cannot be addressed any more.
  if (canonicalJson(before.key) !== canonicalJson(wanted.key)) return "destructive";
  const verdict = planned.definition.compare(before.state, wanted.state);
  return before.version === wanted.version ? verdict : worstOf([verdict, "lossy"]);
}

const severity: readonly SetupVerdict[] = ["unchanged", "compatible", "lossy", "destructive"];

function worstOf(verdicts: readonly SetupVerdict[]): SetupVerdict {
  return severity[Math.max(0, ...verdicts.map((verdict) => severity.indexOf(verdict)))]!;
}

function withState(target: RecordedTarget, state: Json): Json[] {
  const others = possibleStates(target).filter(
    (possible) => canonicalJson(possible) !== canonicalJson(target.current),
  );
  const known = [target.current, ...others].some(
    (possible) => canonicalJson(possible) === canonicalJson(state),
  );
  return known ? others : [...others, state];
}

function dropAction(target: RecordedTarget, findConnector: FindConnector): SetupAction {
  const connector = findConnector(target.kind);
  const states = possibleStates(target).filter((state) => state !== null);
  return {
    verb: "drop",
    target: target.id,
    name: target.name,
    targetKind: target.kind,
    key: target.key,
    description: connector ? connector.describe(target.key) : `${target.kind} ${JSON.stringify(target.key)}`,
    verdict: "gone",
    destroys: !target.setupByUser && states.length > 0,
    byUser: target.setupByUser,
    changes: states.map((previous) => ({ previous, current: null })),
    connector,
  };
}

function actionFor(
  planned: PlannedExport,
  target: TargetId,
  verb: SetupVerb,
  verdict: SetupAction["verdict"],
  changes: SetupAction["changes"],
): SetupAction {
  const byUser = planned.step.setupByUser;
  return {
    verb,
    target,
    name: planned.name,
    targetKind: planned.definition.kind,
    key: planned.persistentKey,
    description: planned.definition.describe(planned.persistentKey),
    verdict,
    destroys: verb === "rebuild" && !byUser,
    byUser,
    changes,
    connector: planned.definition,
  };
}
