import { type FieldType, fieldOfType, formatType, type ValueType } from "../values/index.ts";
import { nameHint } from "./closest-name.ts";
import {
  definitionError,
  type FlowDraft,
  type ScopeDraft,
  type SliceNode,
  type SourceDraft,
} from "./flow-draft.ts";
import { nameField } from "./name-field.ts";
import { eachRow, eachRowOfSource } from "./run-scope.ts";
import { withHandle } from "./slice-node.ts";
import { type ProxyShape, sliceProxy } from "./slice-proxy.ts";
import { transformSlice } from "./transform-slice.ts";

/** The object that a flow's body handles for a slice. */
export function makeSlice(node: SliceNode): object {
  const { type } = node.expression;
  const proxy = sliceProxy({
    text: `Slice(${node.text}: ${formatType(type)})`,
    ...fieldsOf(node),
    methods: {
      transform: (use: unknown, given?: unknown) => makeSlice(transformSlice(node, use, given)),
      field: (name: string) => fieldSlice(node, name),
      forEachRow: (body: unknown, options?: unknown) => eachRow(node, bodyOf(node.flow, body), options),
    },
    notValue: () => notValue(node.flow, node.text),
  });
  return withHandle(proxy, { kind: "slice", node });
}

/** The object that stands for any row of a scope. */
function makeRow(flow: FlowDraft, scope: ScopeDraft): object {
  const type: ValueType = { kind: "struct", fields: scope.rowFields, nullable: false };
  const expression = { kind: "slot", slot: scope.rowSlot, path: [], type } as const;
  const row: SliceNode = { flow, scope, text: scope.label, expression };
  const proxy = sliceProxy({
    text: `Row(${scope.label}: ${formatType(type)})`,
    ...fieldsOf(row),
    methods: {
      field: (name: string) => fieldSlice(row, name),
      set: (name: unknown, slice: unknown) => nameField(flow, scope, name, slice),
    },
    notValue: () => notValue(flow, `a row of ${scope.label}`),
  });
  return withHandle(proxy, { kind: "row", scope });
}

function fieldsOf(node: SliceNode): Pick<ProxyShape, "fieldNames" | "field" | "noProperty"> {
  const { type } = node.expression;
  return {
    fieldNames: type.kind === "struct" ? namesOf(type.fields) : [],
    field: (name) => fieldSlice(node, name),
    noProperty: (name) => noProperty(node, name),
  };
}

function fieldSlice(node: SliceNode, name: string): object {
  return makeSlice(fieldNode(node, findField(node, name)));
}

/** The object that stands for the rows of a source. */
export function makeSource(flow: FlowDraft, source: SourceDraft): object {
  const noValue = () => sourceIsNoValue(flow, source);
  const proxy = sliceProxy({
    text: `Source(${source.name})`,
    fieldNames: [],
    field: noValue,
    noProperty: (name) => noSourceField(flow, source, name),
    methods: {
      transform: () => {
        throw noValue();
      },
      forEachRow: (body: unknown, options?: unknown) =>
        eachRowOfSource(flow, source, bodyOf(flow, body), options),
    },
    notValue: noValue,
  });
  return withHandle(proxy, { kind: "source", source });
}

function noSourceField(flow: FlowDraft, source: SourceDraft, name: string): Error {
  const message = `source ${source.name} has no field ${name}`;
  const hint = nameHint(
    name,
    namesOf(source.scope.rowFields),
    "Go through its rows with forEachRow; they have",
  );
  return definitionError(flow, "field-unknown", message, { source: source.name, hint });
}

function bodyOf(flow: FlowDraft, body: unknown): (scope: ScopeDraft) => unknown {
  if (typeof body === "function") return (scope) => body(makeRow(flow, scope));
  throw definitionError(
    flow,
    "option-invalid",
    "forEachRow takes a function that says what to do for each row",
  );
}

/** A field of a struct: nullable where it may be absent or where the struct may be null. */
function fieldNode(node: SliceNode, { name }: FieldType): SliceNode {
  return {
    ...node,
    text: `${node.text}.${name}`,
    expression: {
      ...node.expression,
      path: [...node.expression.path, name],
      type: fieldOfType(node.expression.type, name),
    },
  };
}

function findField(node: SliceNode, name: unknown): FieldType {
  const { type } = node.expression;
  const found = type.kind === "struct" ? type.fields.find((field) => field.name === name) : undefined;
  if (found) return found;
  throw unknownField(node, String(name), fieldHint(type, String(name)));
}

function fieldHint(type: ValueType, name: string): string {
  if (type.kind === "struct") return nameHint(name, namesOf(type.fields), "It has");
  if (type.kind !== "table") return "Only a struct has fields.";
  return nameHint(name, namesOf(type.fields), "Go through its rows with forEachRow; they have");
}

/** Why a name is no property of a slice: no field, or one that only `field` reaches. */
function noProperty(node: SliceNode, name: string): Error {
  const { type } = node.expression;
  const hidden = type.kind === "struct" && namesOf(type.fields).includes(name);
  const hint = hidden
    ? `Say .field(${JSON.stringify(name)}): the name has a meaning of its own.`
    : fieldHint(type, name);
  return unknownField(node, name, hint);
}

function unknownField(node: SliceNode, name: string, hint: string): Error {
  const { scope, expression, text } = node;
  const isRow = expression.slot === scope.rowSlot && expression.path.length === 0;
  const what = isRow ? `a row of ${text}` : text;
  const is = expression.type.kind === "struct" ? "" : `: it is ${formatType(expression.type)}`;
  const source = scope.source.name;
  const place = text === source ? { source } : { source, step: text };
  return definitionError(node.flow, "field-unknown", `${what} has no field ${name}${is}`, { ...place, hint });
}

function namesOf(fields: readonly FieldType[]): readonly string[] {
  return fields.map((field) => field.name);
}

function notValue(flow: FlowDraft, text: string): Error {
  return definitionError(flow, "scope-invalid", `${text} was used as a value, but has none yet`, {
    step: text,
    hint: "It stands for data that exists when the flow runs: compute with it in a function, through transform.",
  });
}

function sourceIsNoValue(flow: FlowDraft, source: SourceDraft): Error {
  return definitionError(flow, "scope-invalid", `the rows of source ${source.name} were used as a value`, {
    source: source.name,
    hint: "They are never together in one place: go through them with forEachRow.",
  });
}
