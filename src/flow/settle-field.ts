import { isSluiceError, messageOf } from "../errors/index.ts";
import { formatType, normalizer, type ValueType } from "../values/index.ts";
import type { CollectedConstant, EntryDraft } from "./flow-draft.ts";
import { typeOfConstant } from "./type-of-constant.ts";
import { unifyTypes } from "./unify-types.ts";

/** The type of a collector's field, or why its entries have none in common; a type of null: only null was collected. */
export type Settled = { readonly type: ValueType | null } | { readonly problem: string };

/** What a collector's entries hold in one field. */
export type FieldEntry = EntryDraft extends ReadonlyMap<string, infer Value> ? Value : never;

/**
 * Finds the least type that takes what every entry holds in one field. Slices say their types; a constant joins
 * them where it is a value of that type, and says its own where not.
 */
export function settleField(values: readonly FieldEntry[]): Settled {
  let type: ValueType | null = null;
  for (const value of values) {
    if (value.kind === "collectedConstant") continue;
    const next: ValueType = value.kind === "slot" ? value.type : { kind: "uuid", nullable: false };
    const unified: ValueType | null = type === null ? next : unifyTypes(type, next);
    if (unified === null) return { problem: mismatch(type!, next) };
    type = unified;
  }
  return joinConstants(
    type,
    values.filter((value) => value.kind === "collectedConstant"),
  );
}

function joinConstants(typed: ValueType | null, constants: readonly CollectedConstant[]): Settled {
  let type = typed;
  for (const { value } of constants) {
    if (value === null || (type !== null && fits(value, type))) continue;
    const own = typeOfConstant(value);
    if (own === null) return { problem: `${describe(value)} is no value of a flow` };
    const problem = whyNoValue(value, own);
    if (problem !== null) return { problem };
    const unified: ValueType | null = type === null ? own : unifyTypes(type, own);
    if (unified === null) return { problem: mismatch(type!, own) };
    type = unified;
  }
  const hasNull = constants.some(({ value }) => value === null);
  return { type: type && hasNull ? { ...type, nullable: true } : type };
}

function fits(value: unknown, type: ValueType): boolean {
  return whyNoValue(value, type) === null;
}

function whyNoValue(value: unknown, type: ValueType): string | null {
  try {
    normalizer(type)(value);
    return null;
  } catch (error) {
    if (isSluiceError(error) && error.code === "value-invalid") return messageOf(error);
    throw error;
  }
}

function mismatch(before: ValueType, now: ValueType): string {
  return `entries hold ${formatType(before)} and ${formatType(now)}, and no type takes both`;
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null)
    return `an object of class ${value.constructor?.name ?? "?"}`;
  return `a ${typeof value}`;
}
