import { type FieldType, formatType } from "../values/index.ts";
import { checkOptionNames, countOption } from "./check-option.ts";
import {
  checkOpen,
  checkVisible,
  definitionError,
  type FlowDraft,
  type RowOrigin,
  type ScopeDraft,
  type SliceNode,
  type SourceDraft,
} from "./flow-draft.ts";

type Body = (scope: ScopeDraft) => unknown;

interface Limits {
  readonly maxInflightRows: number | null;
  readonly maxInflightBytes: number | null;
}

/** Runs the body for the rows of a table, and adds the step that will do so with data. */
export function eachRow(node: SliceNode, body: Body, options: unknown): void {
  const { flow } = node;
  checkVisible(flow, node);
  const { type } = node.expression;
  if (flow.kind === "transform flow") throw rowsInTransform(node);
  if (type.kind !== "table") {
    throw definitionError(flow, "field-unknown", `${node.text} has no rows: it is ${formatType(type)}`, {
      step: node.text,
      hint: "Only a table, an array of objects of one kind, has forEachRow.",
    });
  }
  const limits = limitsOf(flow, node.text, options);
  const outer = flow.running.at(-1)!;
  const scope = openScope(node.scope.source, node.text, type.fields);
  runScope(flow, scope, body);
  // After the body, so that steps which the body placed in this scope stand before it.
  outer.steps.push({ kind: "each", table: node.expression, scope, ...limits });
}

function rowsInTransform({ flow, text }: SliceNode): Error {
  return definitionError(flow, "scope-invalid", `forEachRow of ${text} was called in a transform flow`, {
    step: text,
    hint: "A transform flow yields one value: return the table, and go through its rows in the flow.",
  });
}

/**
 * Runs the body for the rows of a source. A source may be gone through several times: the steps of all bodies
 * join, and of limits the strictest counts.
 */
export function eachRowOfSource(flow: FlowDraft, source: SourceDraft, body: Body, options: unknown): void {
  checkOpen(flow, `forEachRow of source ${source.name} was called`);
  const around = flow.running[0];
  if (around) {
    const message = `forEachRow of source ${source.name} was called inside that of source ${around.source.name}`;
    throw definitionError(flow, "scope-invalid", message, {
      source: source.name,
      hint: "A row of one source cannot see the rows of another, or others of its own: go through each source on its own, and collect from both into one collector.",
    });
  }
  const limits = limitsOf(flow, source.name, options);
  source.options = {
    ...source.options,
    maxInflightRows: strictest(source.options.maxInflightRows, limits.maxInflightRows),
    maxInflightBytes: strictest(source.options.maxInflightBytes, limits.maxInflightBytes),
  };
  runScope(flow, source.scope, body);
}

function strictest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function openScope(source: RowOrigin, label: string, rowFields: readonly FieldType[]): ScopeDraft {
  return { source, label, rowFields, rowSlot: source.slots++, steps: [], names: new Set() };
}

function runScope(flow: FlowDraft, scope: ScopeDraft, body: Body): void {
  flow.running.push(scope);
  try {
    checkSynchronous(flow, body(scope), `the forEachRow of ${scope.label}`);
  } finally {
    flow.running.pop();
  }
}

/** Refuses the promise of an async body, and keeps what it may yet reject with from ending the process. */
export function checkSynchronous(flow: FlowDraft, result: unknown, what: string): void {
  if (!isPromiseLike(result)) return;
  Promise.resolve(result).catch(() => {});
  throw definitionError(flow, "scope-invalid", `the body of ${what} is async`, {
    hint: "It runs once, when the flow is defined, and cannot wait: what takes time belongs into a function.",
  });
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function limitsOf(flow: FlowDraft, step: string, options: unknown): Limits {
  const given = checkOptionNames(flow, `forEachRow of ${step}`, options, [
    "maxInflightRows",
    "maxInflightBytes",
  ]);
  return {
    maxInflightRows: countOption(flow, step, "maxInflightRows", given.maxInflightRows),
    maxInflightBytes: countOption(flow, step, "maxInflightBytes", given.maxInflightBytes),
  };
}
