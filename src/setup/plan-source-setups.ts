import type { SourceSetupDefinition } from "../contracts/source-setup.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan, PlannedSourceSetup } from "../plan/index.ts";
import { backendText } from "./found-backends.ts";
import type { SourceSetupAction } from "./setup-plan.ts";
import { possibleStates, type RecordedSourceSetup, type SetupRecord, withStates } from "./setup-record.ts";

/** Finds what sources of a kind need, where no source of the plan is of that kind any more. */
export type FindSourceSetup = (sourceKind: string) => SourceSetupDefinition | null;

export interface DroppingSourceSetups {
  readonly findSourceSetup: FindSourceSetup;
  /** Lets go of what has no connector. */
  readonly forget: boolean;
}

export interface PlannedSourceSetups {
  readonly actions: readonly SourceSetupAction[];
  readonly staged: readonly RecordedSourceSetup[];
  readonly done: readonly RecordedSourceSetup[];
}

/** What the sources of the plan need, as it is recorded and as it must be. */
export function planSourceSetups(
  plan: Plan,
  recorded: SetupRecord,
  dropping: DroppingSourceSetups,
): PlannedSourceSetups {
  const left = new Map(recorded.sourceSetups.map((known) => [textOf(known), known]));
  const kept = plan.sources.flatMap(({ name, setup }) => {
    if (setup === null) return [];
    const text = backendText(setup.definition.sourceKind, setup.key);
    const known = left.get(text) ?? absent(name, setup);
    left.delete(text);
    return [keep(name, setup, known)];
  });
  const dropped = planSourceSetupsDrop([...left.values()], dropping);
  return {
    actions: [...kept.flatMap(({ actions }) => actions), ...dropped.actions],
    staged: [...kept.map(({ staged }) => staged), ...dropped.staged],
    done: kept.map(({ done }) => done),
  };
}

/** The removal of what sources need no more. */
export function planSourceSetupsDrop(
  known: readonly RecordedSourceSetup[],
  { findSourceSetup, forget }: DroppingSourceSetups,
): PlannedSourceSetups {
  const actions = known.map((each): SourceSetupAction => {
    const connector = findSourceSetup(each.kind);
    const { key, name, kind: sourceKind } = each;
    const states = possibleStates(each).filter((state) => state !== null);
    return {
      verb: forget && connector === null ? "forget" : "drop",
      name,
      sourceKind,
      key,
      description: connector?.describe(key) ?? `${sourceKind} ${JSON.stringify(key)}`,
      changes: states.map((previous) => ({ previous, current: null })),
      connector,
    };
  });
  const staged = known.map((each) => ({ ...each, staged: withStates(each, [null]) }));
  return { actions, staged, done: [] };
}

/** What tells what one source needs from what another does. */
export function textOf({ kind, key }: RecordedSourceSetup): string {
  return backendText(kind, key);
}

function absent(name: string, { definition, key }: PlannedSourceSetup): RecordedSourceSetup {
  return { name, kind: definition.sourceKind, key, current: null, staged: [] };
}

interface Kept {
  readonly actions: readonly SourceSetupAction[];
  readonly staged: RecordedSourceSetup;
  readonly done: RecordedSourceSetup;
}

function keep(
  name: string,
  { definition, key, state }: PlannedSourceSetup,
  known: RecordedSourceSetup,
): Kept {
  const done: RecordedSourceSetup = { ...known, name, current: state, staged: [] };
  const states = possibleStates(known);
  if (states.length === 1 && canonicalJson(states[0]) === canonicalJson(state)) {
    return { actions: [], staged: done, done };
  }
  const action: SourceSetupAction = {
    verb: known.current === null ? "create" : "alter",
    name,
    sourceKind: definition.sourceKind,
    key,
    description: definition.describe(key),
    changes: states.map((previous) => ({ previous, current: state })),
    connector: definition,
  };
  return { actions: [action], staged: { ...known, name, staged: withStates(known, [state]) }, done };
}
