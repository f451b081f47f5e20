import { checkName } from "../contracts/name.ts";
import type { SourceUse } from "../contracts/source.ts";
import {
  type FieldType,
  formatType,
  keyTypeProblem,
  type TypeOfKind,
  typeOfSchema,
  type ValueType,
} from "../values/index.ts";
import { checkOptionNames, countOption, timeSpanOption } from "./check-option.ts";
import { listed } from "./closest-name.ts";
import type { SourceOptions } from "./flow-definition.ts";
import {
  checkOpen,
  definitionError,
  type FlowDraft,
  type ScopeDraft,
  type SourceDraft,
  type SourceHead,
  withPlace,
} from "./flow-draft.ts";

/** Adds a source; its steps are added when its rows are gone through. */
export function addSource(flow: FlowDraft, name: unknown, use: unknown, options: unknown): SourceDraft {
  checkOpen(flow, "addSource was called");
  withPlace(flow, {}, () => checkName("a source", name));
  const source = name as string;
  if (flow.sources.some((other) => other.name === source)) {
    throw definitionError(flow, "name-duplicate", `there are two sources of the name ${source}`, { source });
  }
  checkUse(flow, source, use);
  return withPlace(flow, { source }, () => {
    const draft = draftOf(flow, source, use, optionsOf(flow, source, options));
    flow.sources.push(draft);
    return draft;
  });
}

function checkUse(flow: FlowDraft, source: string, use: unknown): asserts use is SourceUse<unknown> {
  if (typeof use === "object" && use !== null && "kind" in use && use.kind === "source-use") return;
  throw definitionError(flow, "option-invalid", `source ${source} was given nothing to read from`, {
    source,
    hint: "Call what defineSource returned with its spec: addSource(name, files({ … })).",
  });
}

function draftOf(
  flow: FlowDraft,
  name: string,
  use: SourceUse<unknown>,
  options: SourceOptions,
): SourceDraft {
  const { definition, spec } = use;
  const keyType = keyTypeOf(flow, name, use);
  const valueType = valueTypeOf(flow, name, use);
  const head: SourceHead = { name, definition, spec, keyType, valueType, options, slots: 1 };
  const fields = rowFields(flow, name, keyType, valueType);
  const scope: ScopeDraft = {
    source: head,
    rowSlot: 0,
    rowFields: fields,
    label: name,
    steps: [],
    names: new Set(),
  };
  return Object.assign(head, { scope });
}

function keyTypeOf(flow: FlowDraft, source: string, { definition }: SourceUse<unknown>): ValueType {
  const type = typeOfSchema(definition.key, `the key of source ${definition.kind}`);
  const problem = type.nullable ? "it may be null" : keyTypeProblem(type);
  if (problem === null) return type;
  throw definitionError(flow, "key-invalid", `the key of source ${source} cannot be one: ${problem}`, {
    source,
  });
}

function valueTypeOf(
  flow: FlowDraft,
  source: string,
  { definition }: SourceUse<unknown>,
): TypeOfKind<"struct"> & ValueType {
  const type = typeOfSchema(definition.value, `the value of source ${definition.kind}`);
  if (type.kind === "struct" && !type.nullable) return type;
  const message = `the value of source ${source} must be a struct that is never null, not ${formatType(type)}`;
  throw definitionError(flow, "schema-unsupported", message, {
    source,
    hint: "Use z.object({ … }): its fields become fields of the row.",
  });
}

function rowFields(
  flow: FlowDraft,
  source: string,
  key: ValueType,
  value: TypeOfKind<"struct">,
): readonly FieldType[] {
  const keyFields = key.kind === "struct" ? key.fields : [{ name: "key", type: key, optional: false }];
  const shared = keyFields.filter((field) => value.fields.some(({ name }) => name === field.name));
  if (shared.length === 0) return [...keyFields, ...value.fields];
  const names = listed(shared.map(({ name }) => name));
  throw definitionError(flow, "name-duplicate", `key and value of source ${source} both have ${names}`, {
    source,
    step: shared[0]!.name,
    hint: "Both become fields of the row: leave it out of the value, or give it another name.",
  });
}

function optionsOf(flow: FlowDraft, source: string, options: unknown): SourceOptions {
  const given = checkOptionNames(flow, `source ${source}`, options, [
    "refreshInterval",
    "maxInflightRows",
    "maxInflightBytes",
    "renamedFrom",
  ]);
  if (given.renamedFrom !== undefined) checkName(`renamedFrom of source ${source}`, given.renamedFrom);
  return {
    refreshIntervalMs: timeSpanOption(flow, source, "refreshInterval", given.refreshInterval),
    maxInflightRows: countOption(flow, source, "maxInflightRows", given.maxInflightRows),
    maxInflightBytes: countOption(flow, source, "maxInflightBytes", given.maxInflightBytes),
    renamedFrom: (given.renamedFrom as string | undefined) ?? null,
  };
}
