import type { AnyFunctionUse } from "../contracts/function.ts";
import { typeOfSchema, type ValueType } from "../values/index.ts";
import { type BoundArgument, bindArguments, type Callee } from "./bind-arguments.ts";
import type { CallStep } from "./flow-definition.ts";
import type { FlowDraft, ScopeDraft, SliceNode } from "./flow-draft.ts";
import { sameData } from "./same-data.ts";

/**
 * Adds a call of a function with a slice and named arguments. It is placed in the outermost scope that sees all of
 * its arguments, so that it runs no more often than they differ; an equal call already there is used again, since
 * functions are pure.
 */
export function placeCall(node: SliceNode, use: AnyFunctionUse, given: unknown): SliceNode {
  const { name } = use.definition;
  const bound = bindArguments({ node, callee: calleeOf(use) }, given);
  return { flow: node.flow, ...placeBound(node, use, bound), text: `${name}(…)` };
}

export function calleeOf({ definition, input }: AnyFunctionUse): Callee {
  return { kind: "function", name: definition.name, input };
}

/** Adds a call whose arguments are known; `node` says where, if nothing else does. */
export function placeBound(
  { flow, scope: own }: SliceNode,
  use: AnyFunctionUse,
  bound: readonly BoundArgument[],
): Pick<SliceNode, "scope" | "expression"> {
  const scope = deepest(flow, bound, own);
  const args = bound.map(({ argument }) => argument);
  const output = typeOfSchema(use.output, `the output of function ${use.definition.name}`);
  const skips = bound.some(({ argument }) => argument.skipOnNull && argument.value.type.nullable);
  const type: ValueType = skips ? { ...output, nullable: true } : output;
  const step = findCall(scope, use, args) ?? addCall(scope, { kind: "call", use, arguments: args, type });
  return { scope, expression: { kind: "slot", slot: step.slot, path: [], type } };
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
