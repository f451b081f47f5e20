import type { TargetId } from "../contracts/state-store.ts";
import type { CallStep, Expression, GeneratedUuid, Scope, Step } from "../flow/index.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { type Fingerprint, fingerprint, typeSignature, valueCodec } from "../values/index.ts";

/**
 * What a scope yields, as data that depends on nothing but that. A value is described by the calls that make it, not
 * by where they stand, so that steps of other branches change nothing here: a call that two branches share stands
 * where the first of them made it. `calledAs` says what stands for the function of a call.
 */
export function describeLogic(scope: Scope, calledAs: (step: CallStep) => string): unknown {
  return describeScope(scope, { depth: 0, values: new Map(), calledAs });
}

interface Describing {
  /** How many tables the scope is inside of: a row is told from the rows around it by that. */
  readonly depth: number;
  /** What is known of the values in slots. */
  readonly values: Map<number, string>;
  readonly calledAs: (step: CallStep) => string;
}

function describeScope(scope: Scope, describing: Describing): unknown[] {
  const { depth, values } = describing;
  values.set(scope.rowSlot, `row ${depth}`);
  return scope.steps.flatMap((step) => describeStep(step, describing) ?? []);
}

/** Null for a call, which is described where its value is used. */
function describeStep(step: Step, describing: Describing): unknown {
  const { depth, values, calledAs } = describing;
  switch (step.kind) {
    case "call": {
      const given = step.arguments.map(({ name, value, skipOnNull }) => [
        name,
        describeExpression(value, values),
        skipOnNull,
      ]);
      values.set(step.slot, fingerprintOfData({ call: calledAs(step), arguments: given }));
      return null;
    }
    case "each": {
      const rows = describeScope(step.scope, { ...describing, depth: depth + 1 });
      return { each: describeExpression(step.table, values), rows };
    }
    case "collect": {
      const fields = sortedByName(step.fields);
      return { collect: fields.map(({ name, value }) => [name, describeExpression(value, values)]) };
    }
    case "name":
      return { name: step.name, value: describeExpression(step.value, values) };
  }
}

function sortedByName<T extends { readonly name: string }>(fields: readonly T[]): T[] {
  return [...fields].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describeExpression(
  expression: Expression | GeneratedUuid,
  values: ReadonlyMap<number, string>,
): unknown {
  switch (expression.kind) {
    case "slot":
      return { value: values.get(expression.slot)!, path: expression.path };
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
