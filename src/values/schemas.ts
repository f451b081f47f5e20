import { z } from "zod";
import { SluiceError } from "../errors/index.ts";
import type { Branded } from "../kernel/brand.ts";
import { Misfit } from "./misfit.ts";
import { compileNormalizer } from "./normalize.ts";
import { markSchema } from "./schema-mark.ts";
import type { ScalarKind, ValueType } from "./value-type.ts";

/** A UUID as text, in lower case. */
export type Uuid = Branded<string, "Uuid">;
/** A calendar date as text: `2024-02-29`. */
export type IsoDate = Branded<string, "IsoDate">;
/** A time of day as text: `23:59:59` or `23:59:59.5`. */
export type IsoTime = Branded<string, "IsoTime">;
/** A date and time of no zone as text: `2024-02-29T23:59:59`. */
export type IsoLocalDateTime = Branded<string, "IsoLocalDateTime">;
/** A date and time with its offset from UTC as text: `2024-02-29T23:59:59Z`, `2024-02-29T23:59:59+01:00`. */
export type IsoOffsetDateTime = Branded<string, "IsoOffsetDateTime">;
/** An exact length of time as text: `PT26H3M4.5S`, `-PT1H`. */
export type IsoDuration = Branded<string, "IsoDuration">;
/** Any plain value that JSON can express. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A schema that takes `Input` and yields `Output`. All Zod methods (`nullable`, `refine`, `meta`, …) work on it. */
export type SluiceSchema<Output, Input = Output> = z.ZodCustom<Output, Input>;

/** A vector of 32-bit floats, of the given dimension or of any: a `Float32Array`. Arrays of numbers are taken too. */
export function vector(
  dimension?: number,
  options?: { readonly element?: "float32" },
): SluiceSchema<Float32Array, Float32Array | readonly number[]>;
/** A vector of 64-bit floats, of the given dimension or of any: a `Float64Array`. Arrays of numbers are taken too. */
export function vector(
  dimension: number | undefined,
  options: { readonly element: "float64" },
): SluiceSchema<Float64Array, Float64Array | readonly number[]>;
export function vector(
  dimension?: number,
  { element = "float32" }: { readonly element?: "float32" | "float64" } = {},
): z.ZodType {
  if (dimension !== undefined && !(Number.isSafeInteger(dimension) && dimension > 0)) {
    throw new SluiceError("option-invalid", `vector(${dimension}): a dimension is a positive integer.`);
  }
  return schemaOf({ kind: "vector", element, dimension: dimension ?? null, nullable: false });
}

/** A pair of offsets `[start, end]`: safe integers, start not above end. */
export function range(): SluiceSchema<[number, number]> {
  return scalar("range");
}

/** Binary data: a `Uint8Array`. A `Buffer` is taken too and becomes a plain view of the same memory. */
export function bytes(): SluiceSchema<Uint8Array> {
  return scalar("bytes");
}

/** A UUID of any version, in any case; lower case afterwards. */
export function uuid(): SluiceSchema<Uuid, string> {
  return scalar("uuid");
}

/** A date `YYYY-MM-DD` that exists, years 0000 to 9999. */
export function date(): SluiceSchema<IsoDate, string> {
  return scalar("date");
}

/** A time of day `HH:MM[:SS[.fraction]]`, to the nanosecond; with seconds and no trailing zeros afterwards. */
export function time(): SluiceSchema<IsoTime, string> {
  return scalar("time");
}

/** A date and time of no zone, with `T` between; otherwise as {@link date} and {@link time}. */
export function localDateTime(): SluiceSchema<IsoLocalDateTime, string> {
  return scalar("localDateTime");
}

/**
 * A date and time with its offset from UTC, or a `Date`, which is taken in UTC. The offset is kept; a zero one reads
 * `Z` afterwards. Two of one instant with different offsets are different values.
 */
export function offsetDateTime(): SluiceSchema<IsoOffsetDateTime, string | Date> {
  return scalar("offsetDateTime");
}

/**
 * An exact length of time in ISO 8601, such as `PT1H30M`, `P2W`, `-P1DT0.5S`: weeks of 7 days, days of 24 hours,
 * hours, minutes and seconds to the nanosecond. Years and months have no exact length and are refused. The canonical
 * form has hours as its largest unit: `PT48H`, `PT26H3M4.5S`, `-PT1H`, `PT0S`.
 */
export function duration(): SluiceSchema<IsoDuration, string> {
  return scalar("duration");
}

/** An integer of 64 bits: a `bigint` from −2^63 to 2^63 − 1. */
export function int64(): SluiceSchema<bigint> {
  return scalar("int64");
}

/** A number that is rounded to 32 bits. NaN and the infinities are taken; finite numbers beyond its range are not. */
export function float32(): SluiceSchema<number> {
  return scalar("float32");
}

/**
 * Any plain JSON value, null included. Members that are undefined are left out; names are put in the order of their
 * UTF-8, so that `JSON.stringify` gives one text for equal values.
 */
export function json(): SluiceSchema<JsonValue> {
  return schemaOf({ kind: "json", nullable: true });
}

function scalar<Output, Input>(kind: ScalarKind): SluiceSchema<Output, Input> {
  return schemaOf({ kind, nullable: false });
}

/** A schema that checks and normalises just as the rest of Sluice does with values of the type. */
export function schemaOf<Output, Input>(type: ValueType): SluiceSchema<Output, Input> {
  const normalize = compileNormalizer(type, "lenient");
  const schema = z.custom<Output>().check((payload) => {
    const result =
      payload.value === undefined ? new Misfit("the value is missing") : normalize(payload.value);
    if (result instanceof Misfit) {
      // Checks that the user adds see only what fits.
      payload.issues.push({
        code: "custom",
        message: result.toString(),
        input: payload.value,
        continue: false,
      });
    } else payload.value = result as Output;
  });
  return markSchema(schema as unknown as SluiceSchema<Output, Input>, { sluiceType: type });
}
