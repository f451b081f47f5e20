import type { AnyFunctionUse } from "../contracts/function.ts";
import { typeOfSchema, type ValueType } from "../values/index.ts";
import { type BoundArgument, bindArguments } from "./bind-arguments.ts";
import type { CallStep } from "./flow-definition.ts";
import {
  checkVisible,
  definitionError,
  type FlowDraft,
  type ScopeDraft,
  type SliceNode,
  withPlace,
} from "./flow-draft.ts";
import { sameData } from "./same-data.ts";
import { handleOf } from "./slice-node.ts";

/**
 * Adds a call of a function with a slice and named arguments. It is placed in the outermost scope that sees all of
 * its arguments, so that it runs no more often than they differ; an equal call already there is used again, since
 * functions are pure.
 */
export function placeCall(node: SliceNode, use: unknown, given: unknown): SliceNode {
  const { flow } = node;
  checkVisible(flow, node);
  checkUse(flow, node, use);
  const { name } = use.definition;
  return withPlace(flow, { source: node.scope.source.name, step: name }, () => {
    const bound = bindArguments(node, use, given);
    const scope = deepest(flow, bound, node.scope);
    const args = bound.map(({ argument }) => argument);
    const output = typeOfSchema(use.output, `the output of function ${name}`);
    const skips = bound.some(({ argument }) => argument.skipOnNull && argument.value.type.nullable);
    const type: ValueType = skips ? { ...output, nullable: true } : output;
    const step = findCall(scope, use, args) ?? addCall(scope, { kind: "call", use, arguments: args, type });
    const expression = { kind: "slot", slot: step.slot, path: [], type } as const;
    return { flow, scope, expression, text: `${name}(…)` };
  });
}

function checkUse(flow: FlowDraft, node: SliceNode, use: unknown): asserts use is AnyFunctionUse {
  const kind =
    typeof use === "object" && use !== null && handleOf(use) === null
      ? (use as { kind?: unknown }).kind
      : null;
  if (kind === "function-use") return;
  const hint =
    typeof use === "function"
      ? "A function with a spec is called with it first: transform(fn({ … })); any other must be made by defineFunction."
      : "Define one with defineFunction.";
  throw definitionError(
    flow,
    "argument-invalid",
    `transform of ${node.text} was given no function of a flow`,
    {
      source: node.scope.source.name,
      step: node.text,
      hint,
    },
  );
}

function deepest(flow: FlowDraft, bound: readonly BoundArgument[], own: ScopeDraft): ScopeDraft {
  const depths = bound.map(({ scope }) => (scope === null ? -1 : flow.running.indexOf(scope)));
  return flow.running[Math.max(...depths)] ?? own;
}

function findCall(scope: ScopeDraft, use: AnyFunctionUse, args: CallStep["arguments"]): CallStep | undefined {
  return scope.steps.find(
    (step): step is CallStep =>
      step.kind === "call" &&
      step.use.definition === use.definition &&
      sameData(step.use.spec, use.spec) &&
      sameData(step.arguments, args),
  );
}

function addCall(scope: ScopeDraft, call: Omit<CallStep, "slot">): CallStep {
  const step: CallStep = { ...call, slot: scope.source.slots++ };
  scope.steps.push(step);
  return step;
}
