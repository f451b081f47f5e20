import { fieldOfType, type ValueType } from "../values/index.ts";
import { type BoundArgument, bindArguments, bindConstant, type CallPlace } from "./bind-arguments.ts";
import type {
  Argument,
  CallStep,
  ConstantExpression,
  Expression,
  TransformDefinition,
} from "./flow-definition.ts";
import { definitionError, type ScopeDraft, type SliceNode } from "./flow-draft.ts";
import { inputType } from "./input-type.ts";
import { calleeOf, placeBound } from "./place-call.ts";

/** A transform flow as `slice.transform` takes it. */
export interface TransformUse {
  readonly kind: "transform-flow";
  readonly definition: TransformDefinition;
}

/** A value in the flow that takes a transform flow in; of a constant, no scope. */
interface Placed {
  readonly expression: Expression;
  readonly scope: ScopeDraft | null;
  /** It may be null since an input that takes no null may be given one. */
  readonly mayBeSkipped: boolean;
}

/**
 * Adds the calls of a transform flow as if they had been written here, so that where code stands changes no
 * fingerprint: arguments in place of its inputs, each call in the outermost scope that sees all that it takes.
 */
export function placeTransform(node: SliceNode, { definition }: TransformUse, given: unknown): SliceNode {
  const { name, inputs, steps, result, transformFlows } = definition;
  const callee = { kind: "transform flow", name, input: inputs } as const;
  const values = placedInputs(definition, bindArguments({ node, callee }, given));
  for (const step of steps) values.set(step.slot, placeStep(node, step, values));
  const { expression, scope } = placedValue(result, values);
  if (expression.kind === "constant" || scope === null) throw yieldsConstant(node, name);
  for (const one of [definition, ...transformFlows]) node.flow.transforms.add(one);
  return { flow: node.flow, scope, expression, text: `${name}(…)` };
}

/** By slot of the transform flow; its inputs by name, since their slot holds them together. */
type PlacedValues = Map<number | string, Placed>;

function placedInputs({ inputType }: TransformDefinition, bound: readonly BoundArgument[]): PlacedValues {
  const placed = bound.map(({ argument: { name, value }, scope }) => {
    const takesNull = fieldOfType(inputType, name).nullable;
    return [name, { expression: value, scope, mayBeSkipped: value.type.nullable && !takesNull }] as const;
  });
  return new Map(placed);
}

/** What stands here for a value of the transform flow. */
function placedValue(expression: Expression, values: PlacedValues): Placed {
  if (expression.kind === "constant") return { expression, scope: null, mayBeSkipped: false };
  const { slot, path } = expression;
  const [input, ...within] = path;
  const from = slot === 0 ? values.get(input!)! : values.get(slot)!;
  return (slot === 0 ? within : path).reduce(placedField, from);
}

function placedField(struct: Placed, name: string): Placed {
  const { expression } = struct;
  const type = fieldOfType(expression.type, name);
  if (expression.kind === "slot")
    return { ...struct, expression: { ...expression, path: [...expression.path, name], type } };
  const fields = expression.value as Readonly<Record<string, unknown>> | null;
  return { ...struct, expression: { kind: "constant", value: fields?.[name] ?? null, type } };
}

function placeStep(node: SliceNode, step: CallStep, values: PlacedValues): Placed {
  const place: CallPlace = { node, callee: calleeOf(step.use) };
  const given = step.arguments.map((argument) => placedValue(argument.value, values));
  const bound = step.arguments.map((argument, at) => placeArgument(place, argument, given[at]!));
  const placed = placeBound(
    node,
    step.use,
    bound.filter((argument) => argument !== null),
  );
  return { ...placed, mayBeSkipped: given.some(({ mayBeSkipped }) => mayBeSkipped) };
}

/** An argument of a call in the body, with the value that it has here. */
function placeArgument(
  place: CallPlace,
  argument: Argument,
  { expression, scope, mayBeSkipped }: Placed,
): BoundArgument | null {
  const { name, value, skipOnNull } = argument;
  if (value.kind === "constant") return { argument, scope: null };
  const schema = place.callee.input[name]!;
  if (expression.kind === "constant") {
    if (expression.value !== null || !skipOnNull) return bindConstant(place, name, schema, expression.value);
    return { argument: { name, value: nullOf(inputType(schema, name)), skipOnNull }, scope: null };
  }
  // A null that the body knows nothing of was given to an input that takes none.
  const isUnforeseen = expression.type.nullable && !value.type.nullable;
  if (mayBeSkipped && !isUnforeseen && !skipOnNull) throw takesTwoNulls(place);
  return { argument: { name, value: expression, skipOnNull: skipOnNull || isUnforeseen }, scope };
}

/** Of a call that was skipped, and of one that yielded null: here they look the same. */
function takesTwoNulls({ node, callee }: CallPlace): Error {
  const message = `function ${callee.name} would be given the null of a call that is skipped, as if it had yielded it`;
  return definitionError(node.flow, "argument-invalid", message, {
    source: node.scope.source.name,
    step: callee.name,
    hint: `${node.text} may be null: give the input of the transform flow a schema that is .nullable().`,
  });
}

function nullOf(type: ValueType): ConstantExpression {
  return { kind: "constant", value: null, type: { ...type, nullable: true } };
}

function yieldsConstant({ flow, scope }: SliceNode, name: string): Error {
  const message = `transform flow ${name} yields nothing but a constant here`;
  return definitionError(flow, "argument-invalid", message, {
    source: scope.source.name,
    step: name,
    hint: "Its result comes from inputs that were given constants: use the constant itself.",
  });
}
