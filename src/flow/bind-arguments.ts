import type { Inputs } from "../contracts/function.ts";
import type { ValueSchema } from "../contracts/schema.ts";
import { messageOf, type SluiceError } from "../errors/index.ts";
import { formatType, normalizer, type ValueType, whyNotAssignable } from "../values/index.ts";
import { listed, nameHint } from "./closest-name.ts";
import type { Argument } from "./flow-definition.ts";
import { checkVisible, definitionError, type ScopeDraft, type SliceNode } from "./flow-draft.ts";
import { defaultOf, inputType } from "./input-type.ts";
import { containsHandle, handleOf } from "./slice-node.ts";

/** An argument, and the scope that its value belongs to; null for a constant. */
export interface BoundArgument {
  readonly argument: Argument;
  readonly scope: ScopeDraft | null;
}

/** What is called with arguments. */
export interface Callee {
  readonly kind: "function" | "transform flow";
  readonly name: string;
  readonly input: Inputs;
}

/** Where a call is made: messages name what it is of, and the slice that it is called on. */
export interface CallPlace {
  readonly node: SliceNode;
  readonly callee: Callee;
}

/** A call while its arguments are sorted out. */
interface Call extends CallPlace {
  readonly given: ReadonlyMap<string, unknown>;
}

/**
 * The arguments of a call in the order of the function's inputs: the slice in the one input that is left for it,
 * what was given by name, and the defaults of the rest. Optional inputs that nothing was given to are left out.
 */
export function bindArguments(place: CallPlace, given: unknown): readonly BoundArgument[] {
  const { node, callee } = place;
  const call: Call = { ...place, given: namedArguments(place, given) };
  const open = openInput(call);
  const bound = Object.entries(callee.input).map(([name, schema]) => {
    if (name === open) return bindSlice(call, name, schema, node);
    if (call.given.has(name)) return bindGiven(call, name, schema);
    const value = defaultOf(schema);
    return value === undefined ? null : bindConstant(call, name, schema, value);
  });
  return bound.filter((argument) => argument !== null);
}

function namedArguments(place: CallPlace, given: unknown): ReadonlyMap<string, unknown> {
  if (given === undefined) return new Map();
  const names = Object.keys(place.callee.input);
  const isNamed =
    typeof given === "object" && given !== null && !Array.isArray(given) && handleOf(given) === null;
  if (!isNamed) {
    const hint = `Say { name: slice or constant }. ${nameHint("", names, "It has the inputs")}`;
    throw callError(place, "was given arguments without names", hint);
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const unknown = entries.find(([name]) => !names.includes(name));
  if (unknown) {
    throw callError(place, `has no input ${unknown[0]}`, nameHint(unknown[0], names, "It has"));
  }
  return new Map(entries);
}

/** The one required input that is not given, or the last input where none is required. */
function openInput(call: Call): string {
  const { node, callee, given } = call;
  const left = Object.keys(callee.input).filter((name) => !given.has(name));
  const required = left.filter((name) => !callee.input[name]!.safeParse(undefined).success);
  const open = required.length > 0 ? required : left;
  const only = open[0];
  if (only !== undefined && open.length === 1) return only;
  if (only === undefined) {
    throw callError(call, `has no input left for ${node.text}: every one is given by name`);
  }
  const what = `leaves it open which of ${listed(open)} takes ${node.text}`;
  throw callError(call, what, "Give all but one of them by name.");
}

function bindGiven(call: Call, name: string, schema: ValueSchema): BoundArgument | null {
  const value = call.given.get(name);
  const handle = handleOf(value);
  if (handle?.kind === "slice") return bindSlice(call, name, schema, handle.node);
  if (handle !== null) {
    const what = handle.kind === "row" ? `a row of ${handle.scope.label}` : `source ${handle.source.name}`;
    throw callError(
      call,
      `was given ${what} for ${name}`,
      "Give a slice: a field of a row, or what a function yields.",
    );
  }
  if (containsHandle(value)) {
    const hint = "Give the slice itself, or make the object or array in a function.";
    throw callError(call, `was given a slice inside another value for ${name}`, hint);
  }
  return bindConstant(call, name, schema, value);
}

function bindSlice(call: Call, name: string, schema: ValueSchema, slice: SliceNode): BoundArgument {
  checkVisible(call.node.flow, slice);
  const input = inputType(schema, inputText(call, name));
  const { type } = slice.expression;
  const skipOnNull = !input.nullable;
  const why = whyNotAssignable(skipOnNull ? { ...type, nullable: false } : type, input);
  if (why !== null) {
    const what = `takes ${formatType(input)} for ${name}, but ${slice.text} is ${formatType(type)}`;
    throw callError(call, what, isDeep(type) ? `Here ${why}.` : undefined);
  }
  return { argument: { name, value: slice.expression, skipOnNull }, scope: slice.scope };
}

/** Of composed types the message shows a lot; the hint says which part is meant. */
function isDeep(type: ValueType): boolean {
  return type.kind === "struct" || type.kind === "table" || type.kind === "list" || type.kind === "tuple";
}

/** A constant as an argument; null where the schema takes it for absent. */
export function bindConstant(
  call: CallPlace,
  name: string,
  schema: ValueSchema,
  constant: unknown,
): BoundArgument | null {
  const type = inputType(schema, inputText(call, name));
  const value = parseConstant(call, name, schema, constant);
  if (value === undefined) return null;
  const canonical = value === null && type.nullable ? null : normalized(call, name, type, value);
  return {
    argument: { name, value: { kind: "constant", value: canonical, type }, skipOnNull: !type.nullable },
    scope: null,
  };
}

function inputText({ callee }: CallPlace, name: string): string {
  return `input ${name} of ${callee.kind} ${callee.name}`;
}

/** The constant as the input's schema yields it; undefined where the schema takes that for absent. */
function parseConstant(call: CallPlace, name: string, schema: ValueSchema, constant: unknown): unknown {
  const result = attempt(() => schema.safeParse(constant));
  if ("error" in result) {
    const what = `cannot check the constant for ${name} when the flow is defined: ${messageOf(result.error)}`;
    throw callError(call, what, "Give its input a schema without async checks.");
  }
  if (result.value.success) return result.value.data;
  const issues = result.value.error.issues.map(({ path, message }) =>
    [...path.map(String), message].join(": "),
  );
  throw callError(call, `takes no such constant for ${name}: ${issues.join("; ")}`);
}

function normalized(call: CallPlace, name: string, type: ValueType, value: unknown): unknown {
  const result = attempt(() => normalizer(type)(value));
  // A copy, so that what the user does to the constant later changes nothing.
  if ("value" in result) return structuredClone(result.value);
  throw callError(call, `takes no such constant for ${name}: ${messageOf(result.error)}`);
}

function attempt<T>(run: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

function callError({ node, callee }: CallPlace, what: string, hint?: string): SluiceError {
  const { kind, name } = callee;
  return definitionError(node.flow, "argument-invalid", `${kind} ${name} ${what}`, {
    source: node.scope.source.name,
    step: name,
    hint,
  });
}
