import type { SourceId, TargetId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import type { Plan, PlannedExport } from "../plan/index.ts";
import type { FoundBackend } from "./found-backends.ts";
import type { PlannedSources } from "./plan-sources.ts";
import { unwrapState } from "./recorded-state.ts";
import type { RecordedSource, RecordedTarget } from "./setup-record.ts";
import { setupVerdict } from "./setup-verdict.ts";

/**
 * What would be recorded of a backend that was found, had Sluice made it; null where there is none. What cannot be
 * looked at may be there or not, as after an interrupted setup.
 *
 * @throws SluiceError `setup-conflict` where it would have to be made anew: what Sluice did not create it does not drop
 */
export function adoptedTarget(
  planned: PlannedExport,
  id: TargetId,
  found: FoundBackend,
): RecordedTarget | null {
  const { name, definition, persistentKey: key, wantedState, step } = planned;
  const common = { id, name, kind: definition.kind, key, schemaVersion: 1, setupByUser: step.setupByUser };
  if (found === "unknown") return { ...common, current: null, staged: [wantedState], adopting: true };
  if (found.state === null) return null;
  const { version, key: keyFields } = unwrapState(wantedState);
  const current = { state: found.state, version, key: keyFields };
  if (setupVerdict(planned, [current]) === "destructive") throw cannotBeTaken(planned);
  return { ...common, current, staged: [], adopting: true };
}

function cannotBeTaken({ definition, persistentKey, name }: PlannedExport): SluiceError {
  const backend = definition.describe(persistentKey);
  return new SluiceError("setup-conflict", `${backend} is in a state that cannot be taken over`, {
    where: { target: name },
    hint: "It would have to be made anew, and what Sluice did not create it does not drop: move it away, or choose another backend.",
  });
}

/**
 * Adds, for each backend that is being adopted and can be read back, a source that has left: the rows that are there
 * count as its own, so that the next update hands them over to the rows that yield them, and removes the others.
 */
export function withAdoptedSources(
  sources: PlannedSources,
  targets: readonly RecordedTarget[],
  plan: Plan,
): PlannedSources {
  let { nextId } = sources;
  const adopted: RecordedSource[] = [];
  for (const { id, name, adopting } of targets) {
    const planned = plan.exports.find((each) => each.name === name);
    if (!adopting || !planned?.definition.readBack) continue;
    if (sources.all.some(({ adopts }) => adopts === id)) continue;
    adopted.push({ id: nextId++ as SourceId, name: `adopted:${name}`, gone: true, adopts: id });
  }
  return { all: [...sources.all, ...adopted], nextId };
}
