import { type FieldType, formatType } from "../values/index.ts";
import { nameHint } from "./closest-name.ts";
import {
  checkOpen,
  definitionError,
  type FlowDraft,
  type ScopeDraft,
  type SliceNode,
  type SourceDraft,
} from "./flow-draft.ts";
import { nameField } from "./name-field.ts";
import { placeCall } from "./place-call.ts";
import { eachRow, eachRowOfSource } from "./run-scope.ts";
import { withHandle } from "./slice-node.ts";
import { sliceProxy } from "./slice-proxy.ts";

/** The object that a flow's body handles for a slice. */
export function makeSlice(node: SliceNode): object {
  const { type } = node.expression;
  const fields = type.kind === "struct" ? type.fields : [];
  const field = (name: string): object => {
    checkOpen(node.flow, `${node.text}.${name} was used`);
    return makeSlice(fieldNode(node, findField(node.flow, node, fields, name)));
  };
  const proxy = sliceProxy({
    text: `Slice(${node.text}: ${formatType(type)})`,
    fieldNames: fields.map(({ name }) => name),
    field,
    methods: {
      transform: (use: unknown, given?: unknown) => makeSlice(placeCall(node, use, given)),
      field,
      forEachRow: (body: unknown, options?: unknown) => eachRow(node, bodyOf(node.flow, body), options),
    },
    notValue: () => notValue(node.flow, node.text),
  });
  return withHandle(proxy, { kind: "slice", node });
}

/** The object that stands for any row of a scope. */
export function makeRow(flow: FlowDraft, scope: ScopeDraft): object {
  const row: SliceNode = {
    flow,
    scope,
    text: scope.label,
    expression: {
      kind: "slot",
      slot: scope.rowSlot,
      path: [],
      type: { kind: "struct", fields: scope.rowFields, nullable: false },
    },
  };
  const field = (name: string): object => {
    checkOpen(flow, `${scope.label}.${name} was used`);
    return makeSlice(fieldNode(row, findField(flow, row, scope.rowFields, name)));
  };
  const proxy = sliceProxy({
    text: `Row(${scope.label}: ${formatType(row.expression.type)})`,
    fieldNames: scope.rowFields.map(({ name }) => name),
    field,
    methods: { field, set: (name: unknown, slice: unknown) => nameField(flow, scope, name, slice) },
    notValue: () => notValue(flow, `a row of ${scope.label}`),
  });
  return withHandle(proxy, { kind: "row", scope });
}

/** The object that stands for the rows of a source. */
export function makeSource(flow: FlowDraft, source: SourceDraft): object {
  const noValue = () => sourceIsNoValue(flow, source);
  const proxy = sliceProxy({
    text: `Source(${source.name})`,
    fieldNames: [],
    field: (name) => {
      const hint = `${nameHint(
        name,
        source.scope.rowFields.map((field) => field.name),
        "Its rows have",
      )}`;
      const message = `source ${source.name} has no field ${name}; its rows do, inside forEachRow`;
      throw definitionError(flow, "field-unknown", message, { source: source.name, hint });
    },
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

function bodyOf(flow: FlowDraft, body: unknown): (scope: ScopeDraft) => unknown {
  if (typeof body === "function") return (scope) => body(makeRow(flow, scope));
  throw definitionError(
    flow,
    "option-invalid",
    "forEachRow takes a function that says what to do for each row",
  );
}

/** A field of a struct: nullable where it may be absent or where the struct may be null. */
function fieldNode(node: SliceNode, { name, type, optional }: FieldType): SliceNode {
  const nullable = type.nullable || optional || node.expression.type.nullable;
  return {
    ...node,
    text: `${node.text}.${name}`,
    expression: {
      ...node.expression,
      path: [...node.expression.path, name],
      type: { ...type, nullable },
    },
  };
}

function findField(flow: FlowDraft, node: SliceNode, fields: readonly FieldType[], name: unknown): FieldType {
  const found = fields.find((field) => field.name === name);
  if (found) return found;
  const { type } = node.expression;
  const names = fields.map((field) => field.name);
  const hint =
    type.kind === "struct"
      ? nameHint(String(name), names, "It has")
      : type.kind === "table"
        ? nameHint(
            String(name),
            type.fields.map((field) => field.name),
            "Go through its rows with forEachRow; they have",
          )
        : "Only a struct has fields.";
  const message = `${node.text} has no field ${String(name)}: it is ${formatType(type)}`;
  throw definitionError(flow, "field-unknown", message, {
    source: node.scope.source.name,
    step: node.text,
    hint,
  });
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
