import type { CallSite } from "../contracts/call-site.ts";
import { type FieldType, normalizer } from "../values/index.ts";
import type { CollectStep, FlowDefinition, Scope, SourceStep, Step } from "./flow-definition.ts";
import type {
  CollectDraft,
  ExportDraft,
  FlowDraft,
  ScopeDraft,
  SourceDraft,
  StepDraft,
} from "./flow-draft.ts";
import type { FieldEntry } from "./settle-field.ts";

/** The finished flow as plain data that nobody can change. `fields` are those of each collector. */
export function freezeDefinition(
  flow: FlowDraft,
  fields: readonly (readonly FieldType[])[],
  callSite: CallSite | null,
): FlowDefinition {
  return frozen({
    name: flow.name,
    sources: flow.sources.map((source) => sourceStep(source, fields)),
    collectors: fields.map((one) => ({ fields: one })),
    exports: flow.exports.map(exportDefinition),
    transformFlows: [...flow.transforms],
    callSite,
  });
}

function sourceStep(source: SourceDraft, fields: readonly (readonly FieldType[])[]): SourceStep {
  const { name, definition, spec, keyType, valueType, options } = source;
  const { rowFields } = source.scope;
  return {
    name,
    definition,
    spec,
    keyType,
    valueType,
    rowFields,
    options,
    scope: scopeOf(source.scope, fields),
  };
}

function scopeOf(scope: ScopeDraft, fields: readonly (readonly FieldType[])[]): Scope {
  return { rowSlot: scope.rowSlot, steps: scope.steps.map((step) => stepOf(step, fields)) };
}

function stepOf(step: StepDraft, fields: readonly (readonly FieldType[])[]): Step {
  if (step.kind === "each") return { ...step, scope: scopeOf(step.scope, fields) };
  return step.kind === "collect" ? collectStep(step, fields[step.collector.index]!) : step;
}

function collectStep({ collector, entry }: CollectDraft, fields: readonly FieldType[]): CollectStep {
  const values = fields.map((field) => ({
    name: field.name,
    value: collectedValue(entry.get(field.name)!, field),
  }));
  return { kind: "collect", collector: collector.index, fields: values };
}

function collectedValue(value: FieldEntry, { type }: FieldType): CollectStep["fields"][number]["value"] {
  return value.kind === "collectedConstant"
    ? { kind: "constant", value: normalizer(type)(value.value), type }
    : value;
}

function exportDefinition({ collector, target, data }: ExportDraft): FlowDefinition["exports"][number] {
  const { definition, spec } = target;
  return { ...data, collector: collector.index, definition, spec };
}

/** What connectors and functions gave belongs to them and stays as it is. */
const foreign: ReadonlySet<string> = new Set(["definition", "spec", "use", "inputs", "transformFlows"]);

/** Freezes plain objects and arrays, all the way down; bytes and vectors cannot be frozen. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const [name, member] of Object.entries(value)) if (!foreign.has(name)) frozen(member);
  return Object.freeze(value);
}
