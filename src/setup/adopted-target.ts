import type { TargetId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import type { PlannedExport } from "../plan/index.ts";
import type { FoundBackend } from "./found-backends.ts";
import { newOwnerIndex } from "./owner-index.ts";
import { unwrapState } from "./recorded-state.ts";
import type { RecordedSource, RecordedTarget, SetupRecord } from "./setup-record.ts";
import { setupVerdict } from "./setup-verdict.ts";

export interface FoundTarget {
  readonly id: TargetId;
  readonly found: FoundBackend;
  readonly sources: readonly RecordedSource[];
}

/**
 * What would be recorded of a backend that was found, had Sluice made it; null where there is none. What cannot be
 * looked at may be there or not, as after an interrupted setup.
 *
 * @throws SluiceError `setup-conflict` where it would have to be made anew: what Sluice did not create it does not drop
 */
export function adoptedTarget(
  planned: PlannedExport,
  { id, found, sources }: FoundTarget,
): RecordedTarget | null {
  const { name, definition, persistentKey: key, wantedState, step } = planned;
  const common = {
    id,
    name,
    kind: definition.kind,
    key,
    schemaVersion: 1,
    setupByUser: step.setupByUser,
    // Rows that are there are kept by target key, since nobody knows which source rows yielded them.
    ownerIndex: definition.readBack ? { kind: "kept" as const } : newOwnerIndex(planned, sources),
    adoption: { rows: null },
  };
  if (found === "unknown") return { ...common, current: null, staged: [wantedState] };
  if (found.state === null) return null;
  const { version, key: keyFields, schema } = unwrapState(wantedState);
  const current = { state: found.state, version, key: keyFields, schema };
  if (setupVerdict(planned, [current]) === "destructive") throw cannotBeTaken(planned);
  return { ...common, current, staged: [] };
}

function cannotBeTaken({ definition, persistentKey, name }: PlannedExport): SluiceError {
  const backend = definition.describe(persistentKey);
  return new SluiceError("setup-conflict", `${backend} is in a state that cannot be taken over`, {
    where: { target: name },
    hint: "It would have to be made anew, and what Sluice did not create it does not drop: move it away, or choose another backend.",
  });
}

/** What is recorded once the rows that these targets held before, and that nobody yields, are on their way out. */
export function withAdoptionsSettled(record: SetupRecord, settled: readonly TargetId[]): SetupRecord {
  const targets = record.targets.map((target) =>
    settled.includes(target.id) ? { ...target, adoption: null } : target,
  );
  return { ...record, targets };
}
