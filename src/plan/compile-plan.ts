import type { CodeDigest } from "../contracts/code-digest.ts";
import { SluiceError } from "../errors/index.ts";
import type { FlowDefinition, Scope, SourceStep } from "../flow/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { keyCodec, typeSignature, valueCodec } from "../values/index.ts";
import { idNames } from "./id-names.ts";
import { keyFormatter } from "./key-formatter.ts";
import { describeLogic, fingerprintOfData } from "./logic.ts";
import { partsOfLogic } from "./parts-of-logic.ts";
import type { Plan, PlannedExport, PlannedSource, Program, Route } from "./plan.ts";
import { planExport } from "./plan-export.ts";
import { callsOf, type Functions, planFunctions } from "./plan-functions.ts";
import { hasSteps, programFor, wholeProgram } from "./program.ts";

/**
 * Checks a flow as a whole and makes it ready to run. The app namespace goes into the names of backends that are given
 * none.
 *
 * @throws SluiceError `name-duplicate`, `setup-conflict`, `schema-unsupported`, `function-source-missing`
 */
export function compilePlan(flow: FlowDefinition, digest: CodeDigest, appNamespace = ""): Plan {
  const functions = planFunctions(
    flow.name,
    flow.sources.flatMap((source) => callsOf(source.scope)),
    digest,
  );
  const exportIds = idNames(flow.exports);
  const exports = flow.exports.map((step) => ({
    ...planExport(step, flow, appNamespace),
    idName: exportIds.get(step.name)!,
  }));
  refuseTwoTargetsOfOneKind(flow.name, exports);
  refuseSharedBackends(flow.name, exports);
  const sourceIds = idNames(flow.sources.map(({ name, options }) => ({ name, ...options })));
  const compile = (step: SourceStep) =>
    planSource({ flow, step, idName: sourceIds.get(step.name)!, exports, functions });
  return {
    flow: flow.name,
    sources: flow.sources.map(compile),
    exports,
    functions: functions.all,
    transformFlows: flow.transformFlows,
  };
}

/** Writes to one kind of target share their calls, so a kind must mean one thing. */
function refuseTwoTargetsOfOneKind(flow: string, exports: readonly PlannedExport[]): void {
  const definitions = new Map<string, unknown>();
  for (const { name, definition } of exports) {
    const other = definitions.get(definition.kind);
    if (other !== undefined && other !== definition) {
      throw new SluiceError("name-duplicate", `two kinds of target are named ${definition.kind}`, {
        where: { flow, target: name },
        hint: "Give each defineTarget a kind of its own.",
      });
    }
    definitions.set(definition.kind, definition);
  }
}

function refuseSharedBackends(flow: string, exports: readonly PlannedExport[]): void {
  const owners = new Map<string, string>();
  for (const { name, definition, persistentKey } of exports) {
    const backend = canonicalJson([definition.kind, persistentKey]);
    const owner = owners.get(backend);
    if (owner !== undefined) {
      throw new SluiceError(
        "setup-conflict",
        `exports ${owner} and ${name} write to the same ${definition.describe(persistentKey)}`,
        {
          where: { flow, target: name },
          hint: "Feed one collector from several places, or give each export a backend of its own.",
        },
      );
    }
    owners.set(backend, name);
  }
}

interface SourceToPlan {
  readonly flow: FlowDefinition;
  readonly step: SourceStep;
  readonly idName: string;
  readonly exports: readonly PlannedExport[];
  readonly functions: Functions;
}

function planSource({ flow, step, idName, exports, functions }: SourceToPlan): PlannedSource {
  const programs = new Map<string, Program>();
  const cachedProgramFor = (wanted: ReadonlySet<number>): Program => {
    const cacheKey = [...wanted].sort((a, b) => a - b).join();
    const known = programs.get(cacheKey) ?? programFor(flow, step, wanted);
    programs.set(cacheKey, known);
    return known;
  };
  const routes = exports.flatMap((planned, index) => {
    const program = cachedProgramFor(new Set([index]));
    const first = exports.find((each) => each.step.collector === planned.step.collector)!;
    const ids = generatesIds(program.scope) ? [idName, first.idName] : null;
    return hasSteps(program) ? [planRoute({ step, planned, index, program, functions, ids })] : [];
  });
  return {
    name: step.name,
    idName,
    definition: step.definition,
    spec: step.spec,
    step,
    keyCodec: keyCodec(step.keyType),
    valueCodec: valueCodec(step.valueType),
    formatKey: keyFormatter(step.keyType),
    routes,
    slots: countSlots(step.scope),
    programFor: cachedProgramFor,
    wholeProgram: wholeProgram(flow, step),
  };
}

interface RouteToPlan {
  readonly step: SourceStep;
  readonly planned: PlannedExport;
  readonly index: number;
  readonly program: Program;
  readonly functions: Functions;
  /** The names that generated ids are made from; null where there are none. */
  readonly ids: readonly string[] | null;
}

function planRoute({ step, planned, index, program, functions, ids }: RouteToPlan): Route {
  const { definition } = step;
  const logic = fingerprintOfData({
    source: [definition.kind, definition.version, definition.valueSpec(step.spec)],
    rows: [typeSignature(step.keyType), typeSignature(step.valueType)],
    steps: describeLogic(program.scope, (call) => functions.of(call).identity),
    target: planned.schemaFingerprint,
    onDuplicateKey: planned.step.onDuplicateKey,
    ...(ids ? { ids } : {}),
  });
  const used = new Set(callsOf(program.scope).map(functions.of));
  const indexes = functions.all.flatMap((fn, at) => (used.has(fn) ? [at] : []));
  const onTheWay = indexes.map((at) => functions.all[at]!);
  const parts = partsOfLogic({ step, program, planned, functionOf: functions.of, functions: onTheWay });
  return { export: index, logic, parts, functions: indexes };
}

function generatesIds(scope: Scope): boolean {
  return scope.steps.some((step) =>
    step.kind === "each"
      ? generatesIds(step.scope)
      : step.kind === "collect" && step.fields.some(({ value }) => value.kind === "generatedUuid"),
  );
}

function countSlots(scope: Scope): number {
  let count = scope.rowSlot + 1;
  for (const step of scope.steps) {
    if (step.kind === "call") count = Math.max(count, step.slot + 1);
    if (step.kind === "each") count = Math.max(count, countSlots(step.scope));
  }
  return count;
}
