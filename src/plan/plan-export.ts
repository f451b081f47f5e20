import type { TargetSchema } from "../contracts/target.ts";
import { InternalError } from "../errors/index.ts";
import type { CollectorDefinition, ExportDefinition, FlowDefinition } from "../flow/index.ts";
import {
  type FieldType,
  keyCodec,
  typeOfSchema,
  typeSignature,
  type ValueType,
  valueCodec,
} from "../values/index.ts";
import { defaultNameOf } from "./default-name.ts";
import { keyFormatter } from "./key-formatter.ts";
import { keyOriginOf } from "./key-origin.ts";
import { fingerprintOfData } from "./logic.ts";
import { plainJson } from "./plain-json.ts";
import type { PlannedExport } from "./plan.ts";

/** Makes an export ready: which fields are key and value, how they are encoded, what its backend must be. */
export function planExport(
  step: ExportDefinition,
  { name: flow, collectors, sources }: FlowDefinition,
  appNamespace: string,
): Omit<PlannedExport, "idName"> {
  const { definition } = step;
  const schema = schemaOf(step, collectors[step.collector]!);
  const keyType = structOf(schema.keyFields);
  const valueType = structOf(schema.valueFields);
  const schemaFingerprint = fingerprintOfData([typeSignature(keyType), typeSignature(valueType)]);
  const where = { flow, target: step.name };
  const targetName = step.renamedFrom ?? step.name;
  const names = { flow, targetName, defaultName: defaultNameOf(appNamespace, flow, targetName) };
  const key = definition.getPersistentKey(step.spec, targetName, names);
  const state = definition.setupState({
    ...names,
    spec: step.spec,
    schema,
    indexes: step.indexes,
    attachments: step.attachments,
  });
  return {
    name: step.name,
    names,
    definition,
    spec: step.spec,
    step,
    schema,
    keyType,
    keyCodec: keyCodec(keyType),
    valueType,
    valueCodec: valueCodec(valueType),
    formatKey: keyFormatter(keyType),
    keyOrigin: keyOriginOf(step, keyType, sources),
    bareKey: definition.key !== null && isBare(definition.key, definition.kind),
    schemaFingerprint,
    persistentKey: plainJson(key, "getPersistentKey", where),
    wantedState: {
      state: plainJson(state, "setupState", where),
      version: definition.version,
      // In the order of the fields: tracked keys of another form could not be told from these.
      key: schema.keyFields.map(({ name, type }) => [name, typeSignature(type)]),
      schema: schemaFingerprint,
    },
  };
}

function isBare(schema: NonNullable<ExportDefinition["definition"]["key"]>, kind: string): boolean {
  if (schema._zod.def.type === "unknown" || schema._zod.def.type === "any") return false;
  return typeOfSchema(schema, `the key of target ${kind}`).kind !== "struct";
}

function schemaOf(step: ExportDefinition, collector: CollectorDefinition): TargetSchema {
  const keyFields = step.primaryKeyFields.map((name) => {
    const field = collector.fields.find((candidate) => candidate.name === name);
    if (!field)
      throw new InternalError(`export ${step.name} has a primary key field ${name} that was not checked`);
    return field;
  });
  const keys = new Set(step.primaryKeyFields);
  return { keyFields, valueFields: collector.fields.filter((field) => !keys.has(field.name)) };
}

function structOf(fields: readonly FieldType[]): ValueType {
  return { kind: "struct", fields, nullable: false };
}
