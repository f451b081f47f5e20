import type { AnyFunctionUse } from "../contracts/function.ts";
import { checkVisible, definitionError, type SliceNode, withPlace } from "./flow-draft.ts";
import { placeCall } from "./place-call.ts";
import { placeTransform, type TransformUse } from "./place-transform.ts";
import { handleOf } from "./slice-node.ts";

/** Adds what yields the value that a function, or a transform flow, makes of a slice and named arguments. */
export function transformSlice(node: SliceNode, use: unknown, given: unknown): SliceNode {
  const { flow } = node;
  checkVisible(flow, node);
  checkUse(node, use);
  return withPlace(flow, { source: node.scope.source.name, step: use.definition.name }, () =>
    use.kind === "function-use" ? placeCall(node, use, given) : placeTransform(node, use, given),
  );
}

function checkUse(node: SliceNode, use: unknown): asserts use is AnyFunctionUse | TransformUse {
  const kind =
    typeof use === "object" && use !== null && handleOf(use) === null
      ? (use as { kind?: unknown }).kind
      : null;
  if (kind === "function-use" || kind === "transform-flow") return;
  const hint =
    typeof use === "function"
      ? "A function with a spec is called with it first: transform(fn({ … })); any other must be made by defineFunction."
      : "Define one with defineFunction.";
  throw definitionError(
    node.flow,
    "argument-invalid",
    `transform of ${node.text} was given no function of a flow`,
    {
      source: node.scope.source.name,
      step: node.text,
      hint,
    },
  );
}
