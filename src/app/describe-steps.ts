import type { Json } from "../contracts/target.ts";
import type {
  CallStep,
  CollectStep,
  EachStep,
  Expression,
  GeneratedUuid,
  Scope,
  Step,
} from "../flow/index.ts";
import type { Plan, PlannedSource } from "../plan/index.ts";
import { formatType, toPlain, type ValueType } from "../values/index.ts";
import type { StepDescription, ValueDescription } from "./flow-description.ts";

/** The steps of a source, with its slots given names that people can follow. */
export function describeSteps(source: PlannedSource, plan: Plan): StepDescription[] {
  const { scope } = source.wholeProgram;
  const names = new SlotNames(source.name, scope);
  const exportsOf = source.wholeProgram.exportsOf.map((indexes) =>
    indexes.map((at) => plan.exports[at]!.name),
  );
  return describeScope(scope, names, exportsOf);
}

type ExportsOf = readonly (readonly string[])[];

function describeScope({ steps }: Scope, names: SlotNames, exportsOf: ExportsOf): StepDescription[] {
  // A call that was named is shown under that name already.
  const shown = steps.filter((step) => !names.isNameOfCall(step));
  return shown.map((step) => describeStep(step, names, exportsOf));
}

function describeStep(step: Step, names: SlotNames, exportsOf: ExportsOf): StepDescription {
  switch (step.kind) {
    case "call":
      return describeCall(step, names);
    case "each":
      return describeEach(step, names, exportsOf);
    case "collect":
      return describeCollect(step, names, exportsOf[step.collector] ?? []);
    case "name":
      return { kind: "name", name: step.name, value: describeValue(step.value, names) };
  }
}

function describeCall(step: CallStep, names: SlotNames): StepDescription {
  return {
    kind: "call",
    result: names.of(step.slot),
    function: step.use.definition.name,
    arguments: step.arguments.map(({ name, value, skipOnNull }) => ({
      name,
      value: describeValue(value, names),
      skipOnNull,
    })),
    type: formatType(step.type),
  };
}

function describeEach(step: EachStep, names: SlotNames, exportsOf: ExportsOf): StepDescription {
  return {
    kind: "forEachRow",
    table: names.ofExpression(step.table),
    row: names.of(step.scope.rowSlot),
    rowType: rowTypeOf(step.table.type),
    steps: describeScope(step.scope, names, exportsOf),
  };
}

function rowTypeOf(type: ValueType): string {
  if (type.kind !== "table") return formatType(type);
  return formatType({ kind: "struct", fields: type.fields, nullable: false });
}

function describeCollect(
  { fields }: CollectStep,
  names: SlotNames,
  exports: readonly string[],
): StepDescription {
  return {
    kind: "collect",
    exports,
    fields: fields.map(({ name, value }) => ({ name, value: describeValue(value, names) })),
  };
}

function describeValue(value: Expression | GeneratedUuid, names: SlotNames): ValueDescription {
  if (value.kind === "generatedUuid") return { kind: "generatedUuid" };
  const type = formatType(value.type);
  if (value.kind === "slot") return { kind: "slice", slice: names.ofExpression(value), type };
  return { kind: "constant", value: toPlain(value.type, value.value) as Json, type };
}

/** Names for slots: the source's for its row, `table[]` for a table's row, a derived field's or the function's for a call. */
class SlotNames {
  readonly #names = new Map<number, string>();
  readonly #taken = new Map<string, number>();
  readonly #namesOfCalls = new Set<Step>();

  constructor(source: string, scope: Scope) {
    this.#name(scope.rowSlot, source);
    this.#nameScope(scope, source);
  }

  of(slot: number): string {
    return this.#names.get(slot) ?? `#${slot}`;
  }

  ofExpression(expression: Expression): string {
    if (expression.kind === "constant") return JSON.stringify(toPlain(expression.type, expression.value));
    return [this.of(expression.slot), ...expression.path].join(".");
  }

  isNameOfCall(step: Step): boolean {
    return this.#namesOfCalls.has(step);
  }

  #nameScope(scope: Scope, row: string): void {
    for (const step of scope.steps) {
      if (step.kind === "call") this.#nameCall(step, scope, row);
      if (step.kind !== "each") continue;
      const rowName = this.#name(step.scope.rowSlot, `${this.ofExpression(step.table)}[]`);
      this.#nameScope(step.scope, rowName);
    }
  }

  #nameCall(step: CallStep, scope: Scope, row: string): void {
    const naming = scope.steps.find(
      (other) =>
        other.kind === "name" &&
        other.value.kind === "slot" &&
        other.value.slot === step.slot &&
        other.value.path.length === 0,
    );
    if (naming?.kind !== "name") {
      this.#name(step.slot, step.use.definition.name);
      return;
    }
    this.#namesOfCalls.add(naming);
    this.#name(step.slot, `${row}.${naming.name}`);
  }

  #name(slot: number, wanted: string): string {
    const uses = (this.#taken.get(wanted) ?? 0) + 1;
    this.#taken.set(wanted, uses);
    const name = uses === 1 ? wanted : `${wanted}#${uses}`;
    this.#names.set(slot, name);
    return name;
  }
}
