import type { CallSite } from "../contracts/call-site.ts";
import type { Inputs } from "../contracts/function.ts";
import { checkName } from "../contracts/name.ts";
import type { ValueSchema } from "../contracts/schema.ts";
import type { FieldType } from "../values/index.ts";
import { listed } from "./closest-name.ts";
import type { CallStep, SlotExpression, TransformDefinition } from "./flow-definition.ts";
import {
  checkVisible,
  definitionError,
  type FlowDraft,
  newDraft,
  type ScopeDraft,
  type SliceNode,
  withPlace,
} from "./flow-draft.ts";
import { frozen } from "./freeze-definition.ts";
import { inputType, withoutDefault } from "./input-type.ts";
import { makeSlice } from "./make-slice.ts";
import { checkSynchronous } from "./run-scope.ts";
import { handleOf } from "./slice-node.ts";

/** What a user wrote of a transform flow. */
export interface TransformDraft {
  readonly name: string;
  readonly inputs: unknown;
  readonly body: unknown;
  readonly callSite: CallSite | null;
}

/**
 * Runs the body of a transform flow once and yields what it says as plain immutable data.
 *
 * @throws SluiceError with a code of definitions: `name-invalid`, `option-invalid`, `schema-unsupported`,
 * `argument-invalid`, `field-unknown`, `scope-invalid`; and whatever the body itself throws.
 */
export function buildTransform({ name, inputs, body, callSite }: TransformDraft): TransformDefinition {
  checkName("a transform flow", name);
  const flow = newDraft("transform flow", name);
  const fields = inputFields(flow, inputs);
  if (typeof body !== "function")
    throw definitionError(flow, "option-invalid", `transform flow ${name} was given no body`, {
      hint: "Give a function that takes the slices of its inputs and returns a slice.",
    });
  const scope: ScopeDraft = {
    source: { name, slots: 1 },
    rowSlot: 0,
    rowFields: fields,
    label: name,
    steps: [],
    names: new Set(),
  };
  const result = runBody(flow, scope, body as (slices: unknown) => unknown);
  return frozen({
    name,
    inputs: inputs as Inputs,
    inputType: { kind: "struct", fields, nullable: false },
    steps: stepsFor(result, scope.steps as CallStep[]),
    slots: scope.source.slots,
    result,
    transformFlows: [...flow.transforms],
    callSite,
  } satisfies TransformDefinition);
}

function inputFields(flow: FlowDraft, inputs: unknown): readonly FieldType[] {
  const isNamed = typeof inputs === "object" && inputs !== null && Object.keys(inputs).length > 0;
  if (!isNamed)
    throw definitionError(flow, "option-invalid", `transform flow ${flow.name} has no input`, {
      hint: "Say what it takes: { input: { text: z.string() } }.",
    });
  return Object.entries(inputs as Inputs).map(([name, schema]) => {
    const what = `input ${name} of transform flow ${flow.name}`;
    const type = withPlace(flow, { step: name }, () => inputType(schema, what));
    checkInput(flow, name, schema);
    return { name, type, optional: false };
  });
}

/** Where it is taken in it is no step of its own, so nothing could check a value or stand in for an absent one. */
function checkInput(flow: FlowDraft, step: string, schema: ValueSchema): void {
  const refuse = (what: string, hint: string) =>
    definitionError(flow, "schema-unsupported", `input ${step} of transform flow ${flow.name} ${what}`, {
      step,
      hint,
    });
  const absent = schema.safeParse(undefined);
  if (absent.success && absent.data === undefined)
    throw refuse("may be left out", "Say .nullable(), or give it a default.");
  if (saysMoreThanType(withoutDefault(schema)))
    throw refuse(
      "says more than a type",
      "Leave checks and changes of values to the functions that it calls.",
    );
}

function saysMoreThanType(schema: ValueSchema): boolean {
  const def: { readonly type: string; readonly checks?: readonly unknown[] } = schema._zod.def;
  // A schema of ours has one check, its own.
  const isOurs = "sluiceType" in def || "sluiceKeyFields" in def;
  return (def.checks?.length ?? 0) > (isOurs ? 1 : 0) || ["pipe", "transform", "catch"].includes(def.type);
}

function runBody(flow: FlowDraft, scope: ScopeDraft, body: (slices: unknown) => unknown): SlotExpression {
  flow.running.push(scope);
  try {
    const result = body(inputSlices(flow, scope));
    checkSynchronous(flow, result, `transform flow ${flow.name}`);
    return resultOf(flow, scope, result).expression;
  } finally {
    flow.running.pop();
    flow.ended = true;
  }
}

function inputSlices(flow: FlowDraft, scope: ScopeDraft): Readonly<Record<string, object>> {
  const slices = scope.rowFields.map(({ name, type }) => {
    const expression: SlotExpression = { kind: "slot", slot: scope.rowSlot, path: [name], type };
    return [name, makeSlice({ flow, scope, expression, text: name })];
  });
  return Object.freeze(Object.fromEntries(slices));
}

function resultOf(flow: FlowDraft, scope: ScopeDraft, result: unknown): SliceNode {
  const handle = handleOf(result);
  if (handle?.kind === "slice") {
    checkVisible(flow, handle.node);
    return handle.node;
  }
  throw definitionError(flow, "argument-invalid", `transform flow ${flow.name} returned no slice`, {
    hint: `Return what a transform of ${listed(
      scope.rowFields.map((field) => field.name),
      "or",
    )} yields; for several values, one transform flow each.`,
  });
}

/** The calls that a value needs, in the order in which they can run. */
function stepsFor(result: SlotExpression, steps: readonly CallStep[]): readonly CallStep[] {
  const needed = new Set([result.slot]);
  for (const step of [...steps].reverse()) {
    if (!needed.has(step.slot)) continue;
    for (const { value } of step.arguments) if (value.kind === "slot") needed.add(value.slot);
  }
  return steps.filter((step) => needed.has(step.slot));
}
