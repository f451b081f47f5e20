import type { Json } from "../contracts/target.ts";
import type { CallStep, SourceStep } from "../flow/index.ts";
import { typeSignature } from "../values/index.ts";
import { describeLogic, fingerprintOfData } from "./logic.ts";
import type { FunctionParts, LogicParts } from "./logic-parts.ts";
import type { PlannedExport, PlannedFunction, Program } from "./plan.ts";

export interface RouteDescription {
  readonly step: SourceStep;
  readonly program: Program;
  readonly planned: PlannedExport;
  functionOf(step: CallStep): PlannedFunction;
  /** The functions on the way, in the order of the plan. */
  readonly functions: readonly PlannedFunction[];
}

/** Takes the logic of one source to one export apart. */
export function partsOfLogic({
  step,
  program,
  planned,
  functionOf,
  functions,
}: RouteDescription): LogicParts {
  const { definition } = step;
  const names = [...new Set(functions.map(({ name }) => name))];
  return {
    source: {
      kind: definition.kind,
      version: definition.version,
      spec: digest(definition.valueSpec(step.spec)),
    },
    rowTypes: digest([typeSignature(step.keyType), typeSignature(step.valueType)]),
    steps: digest(describeLogic(program.scope, (call) => useName(functionOf(call), functions))),
    functions: names.map((name) => functionParts(functions.filter((fn) => fn.name === name))),
    fields: planned.schemaFingerprint.slice(0, digits),
    onDuplicateKey: planned.step.onDuplicateKey,
    target: { version: planned.definition.version, state: digest(withoutVersion(planned.wantedState)) },
  };
}

function withoutVersion(wanted: Json): unknown {
  const { version: _version, ...state } = wanted as Readonly<Record<string, Json>>;
  return state;
}

/** Tells the uses of one function apart, whose specs may differ. */
function useName(fn: PlannedFunction, functions: readonly PlannedFunction[]): string {
  return `${fn.name}#${functions.filter(({ name }) => name === fn.name).indexOf(fn)}`;
}

function functionParts(uses: readonly PlannedFunction[]): FunctionParts {
  const { name, code, use } = uses[0]!;
  const { version = null, sharedId = null } = use.definition;
  return {
    name,
    code: code?.fingerprint.slice(0, digits) ?? null,
    version,
    specs: digest(uses.map((each) => each.plainSpec)),
    types: digest(uses.map((each) => [typeSignature(each.inputType), typeSignature(each.outputType)])),
    sharedId,
  };
}

const digits = 16;

function digest(data: unknown): string {
  return fingerprintOfData(data).slice(0, digits);
}
