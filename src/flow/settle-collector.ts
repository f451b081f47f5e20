import type { FieldType, ValueType } from "../values/index.ts";
import { listed } from "./closest-name.ts";
import { collectorText } from "./collect-entry.ts";
import { type CollectorDraft, definitionError, type FlowDraft } from "./flow-draft.ts";
import { settleField } from "./settle-field.ts";

/** The fields of a collector, now that every entry is known; none where nothing is collected. */
export function settleCollector(flow: FlowDraft, collector: CollectorDraft): readonly FieldType[] {
  const names = [...(collector.entries[0]?.keys() ?? [])];
  const fields = names.map((name) => ({ name, type: typeOf(collector, name), optional: false }));
  const untyped = fields.filter(({ type }) => type === null).map(({ name }) => name);
  if (untyped.length === 0) return fields as readonly FieldType[];
  const message = `${collectorText(collector)} holds nothing but null in ${listed(untyped)}`;
  throw definitionError(flow, "collect-invalid", message, {
    step: untyped[0]!,
    hint: "So its type is not known: collect a typed value somewhere, such as a slice that may be null.",
  });
}

function typeOf(collector: CollectorDraft, name: string): ValueType | null {
  const settled = settleField(collector.entries.map((entry) => entry.get(name)!));
  // Entries without a common type were refused when they were collected.
  return "type" in settled ? settled.type : null;
}
