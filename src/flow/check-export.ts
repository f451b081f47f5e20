import {
  type FieldType,
  formatType,
  keyTypeProblem,
  typeOfSchema,
  type ValueType,
  whyNotAssignable,
} from "../values/index.ts";
import { listed, nameHint } from "./closest-name.ts";
import { definitionError, type ExportDraft, type FlowDraft, withPlace } from "./flow-draft.ts";

/** Checks an export against the fields of its collector, which are known now, and against what its target takes. */
export function checkExport(flow: FlowDraft, draft: ExportDraft, fields: readonly FieldType[]): void {
  const check: Check = { flow, draft, fields };
  withPlace(flow, { target: draft.data.name }, () => {
    checkPrimaryKey(check);
    checkIndexes(check);
    checkKeySchema(check);
    checkValueSchema(check);
  });
}

interface Check {
  readonly flow: FlowDraft;
  readonly draft: ExportDraft;
  readonly fields: readonly FieldType[];
}

function checkPrimaryKey({ flow, draft, fields }: Check): void {
  const { name: target, primaryKeyFields } = draft.data;
  const refuse = (step: string, what: string, hint?: string) =>
    definitionError(flow, "key-invalid", `export ${target}: primary key field ${step} ${what}`, {
      target,
      step,
      hint,
    });
  for (const [i, name] of primaryKeyFields.entries()) {
    const field = fields.find((candidate) => candidate.name === name);
    if (!field) throw refuse(name, "is not collected", nameHint(name, namesOf(fields), "The collector has"));
    if (primaryKeyFields.indexOf(name) !== i) throw refuse(name, "is named twice");
    if (field.type.nullable) {
      throw refuse(
        name,
        `may be null: it is ${formatType(field.type)}`,
        "A primary key identifies a row: collect a value that is always there.",
      );
    }
    const problem = keyTypeProblem(field.type);
    if (problem !== null) throw refuse(name, `cannot be a key: ${problem}`);
  }
}

function checkIndexes({ flow, draft, fields }: Check): void {
  const { name: target, indexes } = draft.data;
  const find = (what: string, step: string, fits: (type: ValueType) => boolean) => {
    const field = fields.find((candidate) => candidate.name === step);
    if (field && fits(field.type)) return;
    const problem = field ? `is ${formatType(field.type)}` : "is not collected";
    const message = `export ${target}: field ${step} of a ${what} index ${problem}`;
    const hint = nameHint(step, namesOf(fields.filter(({ type }) => fits(type))), "Fields that fit:");
    throw definitionError(flow, "export-invalid", message, { target, step, hint });
  };
  for (const { field } of indexes.vector) find("vector", field, (type) => type.kind === "vector");
  for (const { field } of indexes.fts) find("full-text", field, (type) => type.kind === "string");
}

function checkKeySchema(check: Check): void {
  const { definition } = check.draft.target;
  if (definition.key === null) return;
  const wanted = typeOfSchema(definition.key, `the key of target ${definition.kind}`);
  const { primaryKeyFields } = check.draft.data;
  const keyFields = primaryKeyFields.map((name) => check.fields.find((field) => field.name === name)!);
  if (wanted.kind === "struct") checkFields(check, "key", keyFields, wanted.fields);
  else checkSingleKey(check, keyFields, wanted);
}

function checkSingleKey(check: Check, keyFields: readonly FieldType[], wanted: ValueType): void {
  const { data, target } = check.draft;
  const [only, second] = keyFields;
  if (only === undefined || second !== undefined) {
    const what = `has the primary key fields ${listed(data.primaryKeyFields)}, but the key of target ${target.definition.kind} is a single ${formatType(wanted)}`;
    throw misfit(check, second!.name, what);
  }
  checkField(check, "key", only, wanted);
}

function checkValueSchema(check: Check): void {
  const { definition } = check.draft.target;
  if (definition.value === null) return;
  const wanted = typeOfSchema(definition.value, `the value of target ${definition.kind}`);
  if (wanted.kind !== "struct" || wanted.nullable) {
    const message = `the value of target ${definition.kind} must be a struct, not ${formatType(wanted)}`;
    throw definitionError(check.flow, "schema-unsupported", message, { target: check.draft.data.name });
  }
  const valueFields = check.fields.filter(({ name }) => !check.draft.data.primaryKeyFields.includes(name));
  checkFields(check, "value", valueFields, wanted.fields);
}

/** Exactly the fields that the target takes; an optional one may be left out. */
function checkFields(
  check: Check,
  part: "key" | "value",
  fields: readonly FieldType[],
  wanted: readonly FieldType[],
): void {
  const { kind } = check.draft.target.definition;
  const missing = wanted.filter((field) => !field.optional && !namesOf(fields).includes(field.name));
  if (missing.length > 0) {
    throw misfit(
      check,
      missing[0]!.name,
      `lacks ${listed(namesOf(missing))}, which the ${part} of target ${kind} needs`,
    );
  }
  for (const field of fields) {
    const type = wanted.find(({ name }) => name === field.name)?.type;
    if (!type)
      throw misfit(
        check,
        field.name,
        `has ${field.name}, which is no field of the ${part} of target ${kind}`,
      );
    checkField(check, part, field, type);
  }
}

function checkField(check: Check, part: string, field: FieldType, wanted: ValueType): void {
  const why = whyNotAssignable(field.type, wanted);
  if (why === null) return;
  const { kind } = check.draft.target.definition;
  const what = `collects ${field.name} as ${formatType(field.type)}, but the ${part} of target ${kind} takes ${formatType(wanted)}`;
  throw misfit(check, field.name, what, `Here ${why}.`);
}

function misfit({ flow, draft, fields }: Check, step: string, what: string, hint?: string): Error {
  const target = draft.data.name;
  const key = listed(draft.data.primaryKeyFields);
  return definitionError(flow, "export-invalid", `export ${target} ${what}`, {
    target,
    step,
    hint:
      hint ??
      `It collects ${listed(namesOf(fields))}, of which ${key} ${draft.data.primaryKeyFields.length > 1 ? "are" : "is"} the primary key.`,
  });
}

function namesOf(fields: readonly FieldType[]): readonly string[] {
  return fields.map(({ name }) => name);
}
