import type { SourceId } from "../contracts/state-store.ts";
import type { Json } from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { PlannedExport } from "../plan/index.ts";
import type { OwnerIndexState, RecordedSource, SetupRecord } from "./setup-record.ts";

/** Of a backend without rows. */
export function newOwnerIndex(planned: PlannedExport, sources: readonly RecordedSource[]): OwnerIndexState {
  const origin = recordedOrigin(planned, sources);
  return origin === null ? { kind: "kept" } : { kind: "needless", origin };
}

/**
 * Of a backend with rows: it stays needless only while keys come from where the keys of all of its rows came from.
 * Once it is kept it stays kept.
 */
export function nextOwnerIndex(
  known: OwnerIndexState,
  planned: PlannedExport,
  sources: readonly RecordedSource[],
): OwnerIndexState {
  if (known.kind !== "needless") return known;
  const origin = recordedOrigin(planned, sources);
  const same = origin !== null && canonicalJson(origin) === canonicalJson(known.origin);
  return same ? known : { kind: "building" };
}

/** With the source's id for its name: another source of the same name yields other rows. */
function recordedOrigin({ keyOrigin }: PlannedExport, sources: readonly RecordedSource[]): Json {
  if (keyOrigin === null) return null;
  if (keyOrigin.kind !== "row") return keyOrigin;
  const source = sources.find(({ name, gone }) => name === keyOrigin.source && !gone)!;
  return { kind: "row", source: source.id, fields: keyOrigin.fields };
}

/** The order in which sources win target keys: by name, and those that left the definition last. */
export function sourceOrder(sources: readonly RecordedSource[]): SourceId[] {
  return [...sources]
    .sort((a, b) => Number(a.gone) - Number(b.gone) || (a.name < b.name ? -1 : 1))
    .map(({ id }) => id);
}

/** A source that is new, or away, changes nothing between the others. */
export function settledOrder(recorded: SetupRecord, sources: readonly RecordedSource[]): readonly SourceId[] {
  const now = sourceOrder(sources);
  return keepsOrder(recorded.sourceOrder, now) ? now : recorded.sourceOrder;
}

/** What is recorded once the owner indexes are made and settled for the order of sources as it is now. */
export function withOwnersSettled(record: SetupRecord): SetupRecord {
  const targets = record.targets.map((target) =>
    target.ownerIndex.kind === "building" ? { ...target, ownerIndex: { kind: "kept" as const } } : target,
  );
  return { ...record, targets, sourceOrder: sourceOrder(record.sources) };
}

/** Whether sources that are in both orders stand in the same order there. */
export function keepsOrder(before: readonly SourceId[], now: readonly SourceId[]): boolean {
  const common = before.filter((id) => now.includes(id));
  return now.filter((id) => before.includes(id)).every((id, at) => id === common[at]);
}
