import type {
  ExportDescription,
  FieldDescription,
  FlowDescription,
  FunctionDescription,
  SourceDescription,
  StepDescription,
  ValueDescription,
} from "../app/flow-description.ts";
import type { QueryHandlerInfo } from "../app/query-handler.ts";
import { counted, formatSpan } from "./format-number.ts";
import { formatTable } from "./format-table.ts";
import type { Style } from "./style.ts";

/** A flow as a tree of lines: what it reads, what it does with each row, where it writes. */
export function renderFlow(flow: FlowDescription, style: Style): string[] {
  const functions = new Map(flow.functions.map((fn) => [fn.name, fn]));
  return [
    style("bold", `flow ${flow.name}`),
    ...flow.sources.flatMap((source) => ["", ...indent(renderSource(source, functions, style))]),
    ...flow.exports.flatMap((target) => ["", ...indent(renderExport(target, style))]),
    ...flow.queryHandlers.flatMap((handler) => ["", ...indent(renderQueryHandler(handler, style))]),
  ];
}

type Functions = ReadonlyMap<string, FunctionDescription>;

function renderSource(source: SourceDescription, functions: Functions, style: Style): string[] {
  const options = Object.entries(source.options).map(([name, value]) => [name, String(value)]);
  const facts = [
    ["spec", json(source.spec)],
    ["key", source.keyType],
    ["value", source.valueType],
    ...(source.version === null ? [] : [["version", String(source.version)]]),
    ...options,
  ];
  return [
    `${style("cyan", "source")} ${style("bold", source.name)}: ${source.kind}`,
    ...indent(formatTable(facts)),
    ...indent([
      `${style("cyan", "for each row")} of ${source.name}`,
      ...indent(renderSteps(source.steps, functions, style)),
    ]),
  ];
}

function renderSteps(steps: readonly StepDescription[], functions: Functions, style: Style): string[] {
  return steps.flatMap((step) => {
    if (step.kind === "call") return renderCall(step, functions, style);
    if (step.kind === "name") return [`${step.name} = ${renderValue(step.value)}`];
    if (step.kind === "collect") return renderCollect(step, style);
    return [
      `${style("cyan", "for each row")} of ${step.table}: ${step.rowType}`,
      ...indent(renderSteps(step.steps, functions, style)),
    ];
  });
}

function renderCall(
  step: StepDescription & { readonly kind: "call" },
  functions: Functions,
  style: Style,
): string[] {
  const given = step.arguments.map(({ name, value }) => `${name}: ${renderValue(value)}`).join(", ");
  const named = step.result === step.function ? "" : `${step.result} = `;
  const fn = functions.get(step.function);
  const notes = fn ? style("dim", `  [${functionNotes(fn).join(", ")}]`) : "";
  const spec = fn && fn.spec !== null ? `(${json(fn.spec)})` : "";
  return [`${named}${style("green", step.function)}${spec}(${given}) → ${step.type}${notes}`];
}

function functionNotes(fn: FunctionDescription): string[] {
  return [
    fn.version === null ? `code ${fn.code?.slice(0, 8) ?? "unknown"}` : `version ${fn.version}`,
    ...(fn.cache ? ["cached"] : []),
    ...(fn.maxBatchSize === null ? [] : [`batches of ${fn.maxBatchSize}`]),
    ...(fn.concurrency === null ? [] : [`${fn.concurrency} at once`]),
    ...(fn.timeoutMs === null ? [] : [`timeout ${formatSpan(fn.timeoutMs)}`]),
    ...(fn.attempts === null ? [] : [counted(fn.attempts, "attempt")]),
    ...(fn.rateLimit === null
      ? []
      : [`${counted(fn.rateLimit.calls, "call")} in ${formatSpan(fn.rateLimit.perMs)}`]),
    ...(fn.tokenLimit === null
      ? []
      : [`${counted(fn.tokenLimit.tokens, "token")} in ${formatSpan(fn.tokenLimit.perMs)}`]),
  ];
}

function renderCollect(step: StepDescription & { readonly kind: "collect" }, style: Style): string[] {
  const to = step.exports.length === 0 ? "no export" : step.exports.join(", ");
  const fields = step.fields.map(({ name, value }) => [`${name}:`, renderValue(value)]);
  return [`${style("cyan", "collect")} for ${to}`, ...indent(formatTable(fields))];
}

function renderValue(value: ValueDescription): string {
  if (value.kind === "slice") return value.slice;
  if (value.kind === "generatedUuid") return "generatedUuid()";
  return json(value.value);
}

function renderExport(target: ExportDescription, style: Style): string[] {
  const facts = [
    ["backend", target.description],
    ["spec", json(target.spec)],
    ["primary key", fieldsText(target.primaryKeyFields)],
    ["values", fieldsText(target.valueFields)],
    ...target.indexes.vector.map(({ field, metric, method }) => [
      "vector index",
      `${field}, ${metric}${method ? `, ${json(method)}` : ""}`,
    ]),
    ...target.indexes.fts.map(({ field, parameters }) => [
      "text index",
      `${field}${parameters ? `, ${json(parameters)}` : ""}`,
    ]),
    ...target.attachments.map((attachment) => ["attachment", json(attachment)]),
    ...(target.version === null ? [] : [["version", String(target.version)]]),
    ...(target.setupByUser ? [["setup", "by the user"]] : []),
    ...(target.onDuplicateKey === "error" ? [["duplicate key", "is an error"]] : []),
  ];
  return [
    `${style("cyan", "export")} ${style("bold", target.name)}: ${target.targetKind}`,
    ...indent(formatTable(facts)),
  ];
}

function renderQueryHandler({ name, resultFields }: QueryHandlerInfo, style: Style): string[] {
  const facts = Object.entries(resultFields).map(([meaning, field]) => [meaning, [field].flat().join(", ")]);
  return [`${style("cyan", "query handler")} ${style("bold", name)}`, ...indent(formatTable(facts))];
}

function fieldsText(fields: readonly FieldDescription[]): string {
  if (fields.length === 0) return "none";
  return fields.map(({ name, type, optional }) => `${name}${optional ? "?" : ""}: ${type}`).join(", ");
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}
