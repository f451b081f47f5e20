// biome-ignore-all lint/suspicious/noExportsInTest: shared by tests; under another name it would be built into the package
import fc from "fast-check";
import { expect, test } from "vitest";
import { isSluiceError } from "../errors/index.ts";
import type { ScalarKind, TypeOfKind, ValueType } from "./value-type.ts";

// What the property tests of this folder draw from.

// Values are drawn in any form that a type takes: −0, upper-case UUIDs, keys in any order, …

const pad = (value: number, digits = 2) => String(value).padStart(digits, "0");
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\0", "a\0b", "\x01", "é", "😀", "\uffff", "x".repeat(200)),
);
const fraction = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^[.][0-9]{1,9}$/),
  fc.constantFrom(".0", ".500000000000"),
);
const clock = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fraction)
  .map(([h, m, s, f]) => `${pad(h)}:${pad(m)}:${pad(s)}${f}`);
const day = fc
  .date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const days = fc.oneof(
  day,
  fc.constantFrom("0000-01-01", "0000-02-29", "1900-02-28", "2000-02-29", "9999-12-31"),
);
const offset = fc.oneof(
  fc.constantFrom("Z", "z", "+00:00", "-00:00", "+01", "-0530"),
  fc
    .tuple(fc.constantFrom("+", "-"), fc.nat(23), fc.nat(59))
    .map(([sign, h, m]) => `${sign}${pad(h)}:${pad(m)}`),
);
const durationText = fc
  .tuple(fc.constantFrom("", "-"), fc.nat(9), fc.nat(400), fc.nat(99), fc.nat(99), fc.nat(99), fraction)
  .map(([sign, w, d, h, m, s, f]) => `${sign}P${w}W${d}DT${h}H${m}M${s}${f}S`);
const int = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 300 }),
  fc.constantFrom(-0, 63, 64, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const float = fc.oneof(
  fc.double(),
  int,
  fc.constantFrom(-0, Number.NaN, Number.MIN_VALUE, -1.5, 1 / 0, -1 / 0),
);
const float32 = fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, 0.1, 1e-50));
const jsonValue = fc.oneof(
  fc.json().map((json): unknown => JSON.parse(json)),
  fc.constantFrom({ a: -0, "😀": 1, "\uffff": [] }),
);
const uuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.constant("ffffffff-ffff-ffff-ffff-ffffffffffff"),
);

export const scalars: Readonly<Record<ScalarKind, fc.Arbitrary<unknown>>> = {
  boolean: fc.boolean(),
  string: text,
  bytes: fc.oneof(
    fc.uint8Array(),
    fc.constantFrom(new Uint8Array(), Uint8Array.of(0), Uint8Array.of(1, 0, 255)),
  ),
  int,
  int64: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n),
  ),
  float32,
  float64: float,
  range: fc.tuple(int, int).map(([a, b]) => (a <= b ? [a, b] : [b, a])),
  uuid,
  date: days,
  time: clock,
  localDateTime: fc.tuple(days, fc.constantFrom("T", " ", "t"), clock).map((parts) => parts.join("")),
  offsetDateTime: fc.tuple(days, clock, offset).map(([d, t, o]) => `${d}T${t}${o}`),
  duration: durationText,
  json: jsonValue.filter((value) => value !== null),
};

const scalarType = fc
  .constantFrom(...(Object.keys(scalars) as ScalarKind[]))
  .map((kind): ValueType => ({ kind, nullable: false }));
const name = fc.constantFrom(
  "a",
  "b",
  "zeta",
  "Ä",
  "😀",
  "\uffff",
  "__proto__",
  "toString",
  "1",
  "with space",
);

export const { type: anyType } = fc.letrec<{ type: ValueType; fields: TypeOfKind<"struct">["fields"] }>(
  (tie) => ({
    fields: fc.uniqueArray(fc.record({ name, type: tie("type"), optional: fc.boolean() }), {
      selector: (f) => f.name,
      maxLength: 4,
    }),
    type: fc
      .oneof(
        { depthSize: "small", withCrossShrink: true },
        scalarType,
        fc.record({
          kind: fc.constant("vector" as const),
          element: fc.constantFrom("float32" as const, "float64" as const),
          dimension: fc.constantFrom(null, 1, 3),
        }),
        fc.record({ kind: fc.constant("list" as const), element: tie("type") }),
        fc.record({ kind: fc.constant("tuple" as const), items: fc.array(tie("type"), { maxLength: 3 }) }),
        fc.record({ kind: fc.constant("struct" as const), fields: tie("fields") }),
        fc.record({
          kind: fc.constant("table" as const),
          fields: tie("fields"),
          keyFields: fc.constant(null),
        }),
        tie("fields").map((fields) => keyedTable(fields)),
        fc.record({
          kind: fc.constant("union" as const),
          options: fc.array(
            tie("type")
              .filter((t) => t.kind !== "union")
              .map((t) => ({ ...t, nullable: false })),
            { minLength: 2, maxLength: 3 },
          ),
        }),
      )
      .chain((type) => fc.boolean().map((nullable) => ({ ...type, nullable }) as ValueType)),
  }),
);

function keyedTable(fields: TypeOfKind<"struct">["fields"]) {
  const key = { name: "key", type: { kind: "string", nullable: false } as ValueType, optional: false };
  return { kind: "table" as const, fields: [...fields, key], keyFields: ["key"] };
}

export function drawn(type: ValueType): fc.Arbitrary<unknown> {
  const some = nonNull(type);
  return type.nullable ? fc.oneof({ weight: 4, arbitrary: some }, fc.constantFrom(null, undefined)) : some;
}

function nonNull(type: ValueType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "vector": {
      const size =
        type.dimension === null ? { maxLength: 5 } : { minLength: type.dimension, maxLength: type.dimension };
      return type.element === "float32"
        ? fc.array(float32, size).map((numbers) => Float32Array.from(numbers))
        : fc.array(float, size).map((numbers) => Float64Array.from(numbers));
    }
    case "list":
      return fc.array(drawn(type.element), { maxLength: 5 });
    case "tuple":
      return fc.tuple(...type.items.map(drawn));
    case "struct":
      return structOf(type.fields);
    case "table": {
      const rows = structOf(type.fields);
      return type.keyFields === null
        ? fc.array(rows, { maxLength: 4 })
        : fc.uniqueArray(rows, { maxLength: 4, selector: (row) => (row as { key: string }).key });
    }
    case "union":
      return fc.oneof(...type.options.map(drawn));
    default:
      return scalars[type.kind];
  }
}

/** Keys in any order, and keys that the type does not have. */
function structOf(fields: TypeOfKind<"struct">["fields"]): fc.Arbitrary<unknown> {
  const members = fields.map((f) =>
    fc.tuple(fc.constant(f.name), f.optional ? fc.option(drawn(f.type), { nil: undefined }) : drawn(f.type)),
  );
  return fc
    .tuple(...members)
    .chain((entries) => fc.shuffledSubarray(entries, { minLength: entries.length }))
    .map((entries) => Object.fromEntries(entries));
}

export const keyType = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc
    .oneof(
      { depthSize: "small" },
      scalarType.filter((type) => type.kind !== "json"),
      fc
        .array(tie("type"), { minLength: 1, maxLength: 3 })
        .map((items): ValueType => ({ kind: "tuple", items, nullable: false })),
      fc
        .uniqueArray(fc.record({ name, type: tie("type"), optional: fc.constant(false) }), {
          selector: (f) => f.name,
          minLength: 1,
          maxLength: 3,
        })
        .map((fields): ValueType => ({ kind: "struct", fields, nullable: false })),
    )
    .chain((type) => fc.boolean().map((nullable) => ({ ...type, nullable }))),
})).type;
/** The code of the error that the call ends with, or null where it does not. */
export function damageOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return isSluiceError(error) ? error.code : String(error);
  }
}

test("every kind of type is drawn", () => {
  const kinds = new Set(fc.sample(anyType, 2000).map((type) => type.kind));
  expect(kinds.size).toBe(Object.keys(scalars).length + 6);
});
