import { SluiceError, toSluiceError } from "../errors/index.ts";
import { defaultOf, nameHint, type TransformDefinition } from "../flow/index.ts";
import { type FieldType, normalizer } from "../values/index.ts";

/** What an evaluation of a transform flow is given, by input, in canonical form. */
export type TransformRow = Readonly<Record<string, unknown>>;

/**
 * Makes a row of what an evaluation is given: of one input its value, of several an object of them by name. Null where
 * an input that takes no null is given one.
 *
 * The row's maker throws SluiceError `argument-invalid`.
 */
export function transformRows(transform: TransformDefinition): (given: unknown) => TransformRow | null {
  const { fields } = transform.inputType;
  const [only] = fields;
  const takes = fields.map((field) => inputTaker(transform, field));
  return (given) => {
    const values = fields.length === 1 ? { [only!.name]: given } : namedValues(transform, given);
    const entries = takes.map((take) => take(values));
    const isSkipped = entries.some(([, value], at) => value === null && !fields[at]!.type.nullable);
    return isSkipped ? null : Object.fromEntries(entries);
  };
}

function inputTaker(
  transform: TransformDefinition,
  { name, type }: FieldType,
): (values: Readonly<Record<string, unknown>>) => readonly [string, unknown] {
  const normalize = normalizer({ ...type, nullable: true });
  const fallback = defaultOf(transform.inputs[name]!);
  return (values) => {
    const given = values[name] === undefined ? fallback : values[name];
    if (given === undefined) throw invalid(transform, name, `needs ${name}`);
    try {
      return [name, normalize(given)];
    } catch (thrown) {
      throw invalid(
        transform,
        name,
        `takes no such ${name}: ${toSluiceError(thrown, "value-invalid").message}`,
      );
    }
  };
}

function namedValues(transform: TransformDefinition, given: unknown): Readonly<Record<string, unknown>> {
  const names = Object.keys(transform.inputs);
  const isNamed = typeof given === "object" && given !== null && !Array.isArray(given);
  if (!isNamed) throw invalid(transform, undefined, "has several inputs: give an object of them by name");
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return given as Readonly<Record<string, unknown>>;
  throw invalid(transform, unknown, `has no input ${unknown}`, nameHint(unknown, names, "It has"));
}

function invalid({ name }: TransformDefinition, input: string | undefined, what: string, hint?: string) {
  return new SluiceError("argument-invalid", `transform flow ${name} ${what}`, {
    where: { transformFlow: name, ...(input === undefined ? {} : { step: input }) },
    hint,
  });
}
