import type { Json } from "../contracts/target.ts";
import type { Plan, PlannedExport, PlannedFunction, PlannedSource } from "../plan/index.ts";
import { type FieldType, formatType } from "../values/index.ts";
import { describeSteps } from "./describe-steps.ts";
import type {
  ExportDescription,
  FieldDescription,
  FlowDescription,
  FunctionDescription,
  SourceDescription,
} from "./flow-description.ts";
import type { QueryHandlerInfo } from "./query-handler.ts";

interface DescribedFlow {
  readonly plan: Plan;
  readonly queryHandlers?: readonly QueryHandlerInfo[];
}

/** A flow in plain data: what it reads, what it does with it, where it writes. */
export function describeFlow({ plan, queryHandlers = [] }: DescribedFlow): FlowDescription {
  return {
    name: plan.flow,
    sources: plan.sources.map((source) => describeSource(source, plan)),
    functions: plan.functions.map(describeFunction),
    exports: plan.exports.map(describeExport),
    queryHandlers,
  };
}

function describeSource(source: PlannedSource, plan: Plan): SourceDescription {
  const { step, definition } = source;
  const given = Object.entries(step.options).filter(([, value]) => value !== null);
  return {
    name: source.name,
    kind: definition.kind,
    version: definition.version,
    spec: plainJson(source.spec),
    keyType: formatType(step.keyType),
    valueType: formatType(step.valueType),
    rowFields: step.rowFields.map(describeField),
    options: Object.fromEntries(given) as Record<string, string | number>,
    steps: describeSteps(source, plan),
  };
}

function describeFunction({ name, use, code, inputType, outputType }: PlannedFunction): FunctionDescription {
  const { definition } = use;
  return {
    name,
    version: definition.version ?? null,
    code: code?.fingerprint ?? null,
    packages: code?.packages ?? [],
    spec: plainJson(use.spec),
    inputType: formatType(inputType),
    outputType: formatType(outputType),
    cache: definition.cache ?? false,
    sharedId: definition.sharedId ?? null,
    maxBatchSize: definition.batching?.maxBatchSize ?? null,
    concurrency: definition.concurrency ?? null,
    timeoutMs: definition.limits?.timeoutMs ?? null,
    attempts: definition.limits?.retry.attempts ?? null,
    rateLimit: definition.limits?.rate ?? null,
    tokenLimit: definition.limits?.tokens ?? null,
  };
}

function describeExport({
  name,
  definition,
  spec,
  step,
  schema,
  persistentKey,
}: PlannedExport): ExportDescription {
  return {
    name,
    targetKind: definition.kind,
    description: definition.describe(persistentKey),
    key: persistentKey,
    version: definition.version,
    spec: plainJson(spec),
    primaryKeyFields: schema.keyFields.map(describeField),
    valueFields: schema.valueFields.map(describeField),
    indexes: step.indexes,
    attachments: step.attachments,
    setupByUser: step.setupByUser,
    onDuplicateKey: step.onDuplicateKey,
  };
}

function describeField({ name, type, optional }: FieldType): FieldDescription {
  return { name, type: formatType(type), optional };
}

/** A spec may hold anything that its schema makes; what JSON cannot say is left to its own text. */
function plainJson(value: unknown): Json {
  if (value === undefined) return null;
  const text = JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "bigint" || member instanceof RegExp ? String(member) : member,
  ) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as Json);
}
