import type { SourceId } from "../contracts/state-store.ts";
import type { Plan, PlannedSource } from "../plan/index.ts";
import type { RecordedSource, SetupRecord } from "./setup-record.ts";

export interface PlannedSources {
  readonly all: readonly RecordedSource[];
  readonly nextId: number;
}

/** Which recorded source each one of the plan is; those that are none of the plan are gone. */
export function planSources(plan: Plan, recorded: SetupRecord): PlannedSources {
  const ids = matchSources(plan.sources, recorded.sources);
  let nextId = recorded.nextSourceId;
  const wanted = plan.sources.map(({ name }): RecordedSource => {
    const id = ids.get(name) ?? (nextId++ as SourceId);
    return { id, name, gone: false };
  });
  const taken = new Set(wanted.map(({ id }) => id));
  const gone = recorded.sources
    .filter(({ id }) => !taken.has(id))
    .map((source) => ({ ...source, gone: true }));
  return { all: [...wanted, ...gone], nextId };
}

/**
 * A name says most: `renamedFrom` stays in the code when the rename is long done, and may name a source that came
 * since. A source that left is taken up again where no other claims its name.
 */
function matchSources(
  sources: readonly PlannedSource[],
  recorded: readonly RecordedSource[],
): ReadonlyMap<string, SourceId> {
  const ids = new Map<string, SourceId>();
  const taken = new Set<SourceId>();
  for (const gone of [false, true]) {
    for (const named of [nameOf, formerNameOf]) {
      for (const source of sources) {
        const name = named(source);
        const known = recorded.find((each) => each.name === name && each.gone === gone);
        if (!known || taken.has(known.id) || ids.has(source.name)) continue;
        ids.set(source.name, known.id);
        taken.add(known.id);
      }
    }
  }
  return ids;
}

const nameOf = ({ name }: PlannedSource) => name;
const formerNameOf = ({ step }: PlannedSource) => step.options.renamedFrom;
