import type { SourceChange } from "./setup-plan.ts";
import type { RecordedSource } from "./setup-record.ts";

/** How the sources of a flow differ from those that were recorded. Nothing differs where nothing was recorded. */
export function sourceChanges(
  recorded: readonly RecordedSource[],
  wanted: readonly RecordedSource[],
): SourceChange[] {
  if (recorded.length === 0) return [];
  const before = new Map(recorded.map((source) => [source.id, source]));
  return wanted.flatMap(({ id, name, gone }): SourceChange[] => {
    const known = before.get(id);
    const uncounted = { id, name, formerName: null, rows: null };
    if (gone) return known && !known.gone ? [{ ...uncounted, change: "removed" }] : [];
    if (!known || known.gone) return [{ ...uncounted, change: "added" }];
    return known.name === name ? [] : [{ ...uncounted, change: "renamed", formerName: known.name }];
  });
}
