import type { TargetId } from "../contracts/state-store.ts";
import type { CallStep, Expression, GeneratedUuid, Scope, Step } from "../flow/index.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { type Fingerprint, fingerprint, typeSignature, valueCodec } from "../values/index.ts";

/**
 * What a scope does, as data that depends on nothing but that: slots are numbered anew in the order in which
 * they are made, so that a step of another branch changes nothing here. `calledAs` says what stands for the
 * function of a call.
 */
export function describeLogic(scope: Scope, calledAs: (step: CallStep) => string): unknown {
  const slots = new Map<number, number>();
  const slotNumber = (slot: number) => {
    const known = slots.get(slot);
    if (known !== undefined) return known;
    slots.set(slot, slots.size);
    return slots.size - 1;
  };
  const describeScope = (inner: Scope): unknown => ({
    row: slotNumber(inner.rowSlot),
    steps: inner.steps.map(describeStep),
  });
  const describeStep = (step: Step): unknown => {
    switch (step.kind) {
      case "call":
        return {
          call: calledAs(step),
          arguments: step.arguments.map(({ name, value, skipOnNull }) => [
            name,
            describeExpression(value, slotNumber),
            skipOnNull,
          ]),
          slot: slotNumber(step.slot),
        };
      case "each":
        return { each: describeExpression(step.table, slotNumber), scope: describeScope(step.scope) };
      case "collect":
        return {
          collect: sortedByName(step.fields).map(({ name, value }) => [
            name,
            describeExpression(value, slotNumber),
          ]),
        };
      case "name":
        return { name: step.name, value: describeExpression(step.value, slotNumber) };
    }
  };
  return describeScope(scope);
}

function sortedByName<T extends { readonly name: string }>(fields: readonly T[]): T[] {
  return [...fields].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describeExpression(
  expression: Expression | GeneratedUuid,
  slotNumber: (slot: number) => number,
): unknown {
  switch (expression.kind) {
    case "slot":
      return { slot: slotNumber(expression.slot), path: expression.path };
    case "constant":
      return {
        type: typeSignature(expression.type),
        value: bytesToHex(valueCodec(expression.type).encode(expression.value)),
      };
    case "generatedUuid":
      return { generatedUuid: true };
  }
}

/** A route's logic with the state of its target: what rows are compared with. */
export function outletLogic(route: Fingerprint, target: TargetId, schemaVersion: number): Fingerprint {
  return fingerprintOfData([route, target, schemaVersion]);
}

/** The fingerprint of a definition given as plain data. */
export function fingerprintOfData(data: unknown): Fingerprint {
  return fingerprint(canonicalJson(data));
}
