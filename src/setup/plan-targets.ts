import type { TargetId } from "../contracts/state-store.ts";
import type { Json, SetupVerdict } from "../contracts/target.ts";
import type { Plan, PlannedExport } from "../plan/index.ts";
import { adoptedTarget } from "./adopted-target.ts";
import { backendText, type FoundBackend, type FoundBackends } from "./found-backends.ts";
import { newOwnerIndex, nextOwnerIndex } from "./owner-index.ts";
import type { SetupAction, SetupVerb } from "./setup-plan.ts";
import {
  type AdoptionState,
  possibleStates,
  type RecordedSource,
  type RecordedTarget,
  type SetupRecord,
  withStates,
} from "./setup-record.ts";
import { losesValues, setupVerdict } from "./setup-verdict.ts";

export interface PlannedTargets {
  readonly actions: readonly SetupAction[];
  readonly staged: readonly RecordedTarget[];
  readonly done: readonly RecordedTarget[];
  /** Recorded backends that some export is bound to still. */
  readonly matched: ReadonlySet<TargetId>;
  readonly nextId: number;
}

export interface PlanTargets {
  readonly plan: Plan;
  readonly recorded: SetupRecord;
  /** As they are from now on. */
  readonly sources: readonly RecordedSource[];
  /** What was found of backends that are not recorded; null where nobody has looked. */
  readonly found: FoundBackends | null;
}

/** The backend of each export of the plan, as it is recorded and as it must be. */
export function planTargets({ plan, recorded, sources, found }: PlanTargets): PlannedTargets {
  const planning = new TargetPlanning(sources, recorded.nextTargetId);
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
  readonly #sources: readonly RecordedSource[];
  nextId: number;

  constructor(sources: readonly RecordedSource[], nextId: number) {
    this.#sources = sources;
    this.nextId = nextId;
  }

  /** A backend of which nothing is recorded: made new, or taken over where it was found, or may be there. */
  begin(planned: PlannedExport, found: FoundBackend | null): void {
    const id = this.#newId();
    const adopted = found && adoptedTarget(planned, { id, found, sources: this.#sources });
    if (adopted) this.#change(planned, adopted);
    else this.#create(planned, id);
  }

  keep(planned: PlannedExport, known: RecordedTarget): void {
    this.matched.add(known.id);
    this.#change(planned, known);
  }

  #create(planned: PlannedExport, id: TargetId): void {
    const wanted: RecordedTarget = {
      id,
      name: planned.name,
      kind: planned.definition.kind,
      key: planned.persistentKey,
      schemaVersion: 1,
      current: planned.wantedState,
      staged: [],
      setupByUser: planned.step.setupByUser,
      ownerIndex: newOwnerIndex(planned, this.#sources),
      adoption: null,
    };
    this.done.push(wanted);
    this.staged.push({ ...wanted, current: null, staged: [planned.wantedState] });
    const changes = [{ previous: null, current: planned.wantedState }];
    this.actions.push(actionFor(planned, { id, verb: "create", verdict: "new", changes, rewrites: false }));
  }

  #change(planned: PlannedExport, known: RecordedTarget): void {
    const states = possibleStates(known);
    const verdict = mayBeDropped(known) ? "destructive" : setupVerdict(planned, states);
    const verb = verbFor(planned, known, verdict);
    const next = this.#next(planned, known, verdict);
    const current = planned.wantedState;
    if (verb === null) {
      this.staged.push(next);
      this.done.push({ ...next, current });
      return;
    }
    // A backend that is made anew is absent for a moment.
    const passing = verdict === "destructive" ? [null, current] : [current];
    this.staged.push({ ...next, staged: withStates(known, passing) });
    this.done.push({ ...next, current, staged: [], adoption: adoptionDone(next, planned) });
    const changes = changesTo(current, states, verdict);
    const rewrites = next.schemaVersion !== known.schemaVersion;
    this.actions.push(actionFor(planned, { id: next.id, verb, verdict, changes, rewrites }));
  }

  /** What is recorded of it from now on, but for its states. */
  #next(planned: PlannedExport, known: RecordedTarget, verdict: SetupVerdict): RecordedTarget {
    const settled = { ...known, name: planned.name, setupByUser: planned.step.setupByUser };
    if (verdict === "destructive") {
      const ownerIndex = newOwnerIndex(planned, this.#sources);
      return { ...settled, id: this.#newId(), ownerIndex, adoption: null };
    }
    const rewritten = losesValues(planned, possibleStates(known), verdict);
    const schemaVersion = known.schemaVersion + (rewritten ? 1 : 0);
    return {
      ...settled,
      schemaVersion,
      ownerIndex: nextOwnerIndex(known.ownerIndex, planned, this.#sources),
    };
  }

  #newId(): TargetId {
    return this.nextId++ as TargetId;
  }
}

/** An interrupted drop leaves it open whether the rows are there: only making the backend anew settles it. */
function mayBeDropped(known: RecordedTarget): boolean {
  return known.current !== null && known.staged.includes(null);
}

/** What is recorded of an adoption that is done; the rows are counted when they are taken down. */
function adoptionDone({ adoption }: RecordedTarget, { definition }: PlannedExport): AdoptionState | null {
  if (adoption?.rows !== null) return adoption;
  return definition.readBack ? { rows: 0 } : null;
}

/** Null where nothing is to be done. */
function verbFor(planned: PlannedExport, known: RecordedTarget, verdict: SetupVerdict): SetupVerb | null {
  if (known.adoption?.rows === null && verdict !== "destructive") return "adopt";
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

interface ActionParts extends Pick<SetupAction, "verb" | "verdict" | "changes" | "rewrites"> {
  readonly id: TargetId;
}

function actionFor(
  planned: PlannedExport,
  { id, verb, verdict, changes, rewrites }: ActionParts,
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
    rewrites,
    rows: null,
    sourceRows: null,
    changes,
    connector: planned.definition,
  };
}
