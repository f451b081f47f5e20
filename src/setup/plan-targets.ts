import type { TargetId } from "../contracts/state-store.ts";
import type { Json, SetupVerdict } from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan, PlannedExport } from "../plan/index.ts";
import { backendText, type FoundBackends } from "./found-backends.ts";
import { adoptedTarget } from "./plan-adoption.ts";
import type { SetupAction, SetupVerb } from "./setup-plan.ts";
import { possibleStates, type RecordedTarget, type SetupRecord, withStates } from "./setup-record.ts";
import { setupVerdict } from "./setup-verdict.ts";

export interface PlannedTargets {
  readonly actions: readonly SetupAction[];
  readonly staged: readonly RecordedTarget[];
  readonly done: readonly RecordedTarget[];
  /** Recorded backends that some export is bound to still. */
  readonly matched: ReadonlySet<TargetId>;
  readonly nextId: number;
}

/** The backend of each export of the plan, as it is recorded and as it must be. */
export function planTargets(
  plan: Plan,
  recorded: SetupRecord,
  found: FoundBackends | null,
): PlannedTargets {
  const planning = new TargetPlanning(recorded.nextTargetId);
  const known = new Map(recorded.targets.map((target) => [backendText(target.kind, target.key), target]));
  for (const planned of plan.exports) {
    const text = backendText(planned.definition.kind, planned.persistentKey);
    const target = known.get(text);
    if (target) planning.keep(planned, target);
    else planning.begin(planned, found?.get(text) ?? null);
  }
  return planning;
}

class TargetPlanning implements PlannedTargets {
  readonly actions: SetupAction[] = [];
  readonly staged: RecordedTarget[] = [];
  readonly done: RecordedTarget[] = [];
  readonly matched = new Set<TargetId>();
  nextId: number;

  constructor(nextId: number) {
    this.nextId = nextId;
  }

  /** A backend of which nothing is recorded: made new, or taken over where it was looked for and may be there. */
  begin(planned: PlannedExport, found: FoundBackends extends ReadonlyMap<string, infer F> ? F | null : never) {
    const id = this.#newId();
    const adopted = found && adoptedTarget(planned, id, found);
    if (adopted) return this.#change(planned, adopted);
    const wanted: RecordedTarget = {
      id,
      name: planned.name,
      kind: planned.definition.kind,
      key: planned.persistentKey,
      schemaVersion: 1,
      current: planned.wantedState,
      staged: [],
      setupByUser: planned.step.setupByUser,
    };
    this.done.push(wanted);
    this.staged.push({ ...wanted, current: null, staged: [planned.wantedState] });
    const changes = [{ previous: null, current: planned.wantedState }];
    this.actions.push(actionFor(planned, { id, verb: "create", verdict: "new", changes }));
  }

  keep(planned: PlannedExport, known: RecordedTarget): void {
    this.matched.add(known.id);
    this.#change(planned, known);
  }

  #change(planned: PlannedExport, known: RecordedTarget): void {
    const states = possibleStates(known);
    const verdict = mayBeDropped(known) ? "destructive" : setupVerdict(planned, states);
    const settled = { ...known, name: planned.name, setupByUser: planned.step.setupByUser };
    const verb = verbFor(planned, known, verdict);
    if (verb === null) {
      this.staged.push(settled);
      this.done.push({ ...settled, current: planned.wantedState });
      return;
    }
    const id = verdict === "destructive" ? this.#newId() : known.id;
    const schemaVersion = known.schemaVersion + (verdict === "lossy" ? 1 : 0);
    const { adopting: _adopting, ...adopted } = { ...settled, id, schemaVersion };
    // A backend that is made anew is absent for a moment.
    const passing = verdict === "destructive" ? [null, planned.wantedState] : [planned.wantedState];
    this.staged.push({ ...settled, id, schemaVersion, staged: withStates(known, passing) });
    this.done.push({ ...adopted, current: planned.wantedState, staged: [] });
    const changes = changesTo(planned.wantedState, states, verdict);
    this.actions.push(actionFor(planned, { id, verb, verdict, changes }));
  }

  #newId(): TargetId {
    return this.nextId++ as TargetId;
  }
}

/** An interrupted drop leaves it open whether the rows are there: only making the backend anew settles it. */
function mayBeDropped(known: RecordedTarget): boolean {
  return known.current !== null && known.staged.includes(null);
}

/** Null where nothing is to be done. */
function verbFor(planned: PlannedExport, known: RecordedTarget, verdict: SetupVerdict): SetupVerb | null {
  if (known.adopting && verdict !== "destructive") return "adopt";
  if (known.current === null) return "create";
  if (verdict !== "unchanged" || known.staged.length > 0) return verbs[verdict];
  const { setupByUser } = planned.step;
  if (setupByUser === known.setupByUser) return null;
  return setupByUser ? "release" : "manage";
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

function actionFor(
  planned: PlannedExport,
  { id, verb, verdict, changes }: Pick<SetupAction, "verb" | "verdict" | "changes"> & { id: TargetId },
): SetupAction {
  const byUser = planned.step.setupByUser;
  return {
    verb,
    target: id,
    name: planned.name,
    targetKind: planned.definition.kind,
    key: planned.persistentKey,
    description: planned.definition.describe(planned.persistentKey),
    verdict,
    destroys: verb === "rebuild" && !byUser,
    byUser,
    rows: null,
    sourceRows: null,
    changes,
    connector: planned.definition,
  };
}
