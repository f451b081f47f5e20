import { expected, Misfit } from "./misfit.ts";
import { normalizeJson } from "./normalize-json.ts";
import { textForms } from "./text-form.ts";
import type { ScalarKind } from "./value-type.ts";
import { isWellFormed } from "./well-formed.ts";

/** Yields the canonical form of a value, or why it does not fit; `null` is left to the caller. */
export type Normalize = (value: unknown) => unknown | Misfit;

/**
 * Whether a value may lose something on its way into a type (unknown fields, digits beyond a float32). Options of a
 * union are first tried strictly, so that a value goes where it fits best and not where it first fits somehow.
 */
export type Strictness = "strict" | "lenient";

/** By kind. None copies a value that is canonical already. */
export const scalarNormalizers: Readonly<Record<ScalarKind, Normalize>> = {
  boolean: (value) => (typeof value === "boolean" ? value : expected("a boolean", value)),
  string: normalizeText,
  bytes: normalizeBytes,
  int: normalizeInt,
  int64: normalizeInt64,
  float32: normalizeFloat32,
  float64: (value) => (typeof value === "number" ? value + 0 : expected("a number", value)),
  range: normalizeRange,
  uuid: textNormalizer("uuid"),
  date: textNormalizer("date"),
  time: textNormalizer("time"),
  localDateTime: textNormalizer("localDateTime"),
  offsetDateTime: normalizeInstant,
  duration: textNormalizer("duration"),
  json: normalizeJson,
};

/** Whether a value is a `Uint8Array` or one of its subclasses, of whichever realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === "Uint8Array";
}

/** A float32 that a number rounds to; a finite number beyond its range is a misfit, never infinite. */
export function roundToFloat32(value: number): number | Misfit {
  const rounded = Math.fround(value) + 0;
  if (Math.abs(rounded) !== Number.POSITIVE_INFINITY || rounded === value) return rounded;
  return new Misfit(`number ${value} is beyond the range of a float32`);
}

/** Text as it is; the two halves of a character apart cannot be stored. */
function normalizeText(value: unknown): unknown {
  if (typeof value !== "string") return expected("a string", value);
  return isWellFormed(value) ? value : loneSurrogate(value);
}

function loneSurrogate(text: string): Misfit {
  const at = text.search(/\p{Surrogate}/u);
  return new Misfit(`the text has a lone surrogate at position ${at}; repair it with text.toWellFormed()`);
}

/** A Buffer becomes a plain view of the same memory, so that what a function sees does not depend on the source. */
function normalizeBytes(value: unknown): unknown {
  if (!isBytes(value)) return expected("bytes (a Uint8Array)", value);
  if (Object.getPrototypeOf(value) === Uint8Array.prototype) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function normalizeInt(value: unknown): unknown {
  return Number.isSafeInteger(value)
    ? (value as number) + 0
    : expected("an integer (at most 2^53 - 1 in size)", value);
}

function normalizeInt64(value: unknown): unknown {
  if (typeof value !== "bigint") return expected("a bigint", value);
  return BigInt.asIntN(64, value) === value ? value : expected("a bigint of 64 bits", value);
}

function normalizeFloat32(value: unknown): unknown {
  return typeof value === "number" ? roundToFloat32(value) : expected("a number", value);
}

function normalizeRange(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 2) return expected("a range [start, end]", value);
  const [start, end]: unknown[] = value;
  if (!Number.isSafeInteger(start)) return expected("an integer", start).underIndex(0);
  if (!Number.isSafeInteger(end)) return expected("an integer", end).underIndex(1);
  if ((start as number) > (end as number))
    return new Misfit(`the range starts at ${start}, after its end ${end}`);
  return Object.is(start, -0) || Object.is(end, -0) ? [(start as number) + 0, (end as number) + 0] : value;
}

function textNormalizer(kind: keyof typeof textForms): Normalize {
  const { canonical } = textForms[kind];
  return (value) => (typeof value === "string" ? canonical(value) : expected(textNames[kind], value));
}

/** A `Date` is an instant too; what it says of a time zone is none, so it is given in UTC. */
function normalizeInstant(value: unknown): unknown {
  if (!(value instanceof Date)) return instantText(value);
  if (Number.isNaN(value.getTime())) return new Misfit("the Date is invalid");
  return textForms.offsetDateTime.canonical(value.toISOString());
}

const instantText = textNormalizer("offsetDateTime");

const textNames = {
  uuid: "a UUID",
  date: "a date",
  time: "a time",
  localDateTime: "a date and time",
  offsetDateTime: "a date and time with an offset",
  duration: "a duration",
} as const;
