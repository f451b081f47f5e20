import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSluiceError } from "../errors/index.ts";
import { compareBytes } from "../kernel/bytes.ts";
import { keyCodec } from "./key-codec.ts";
import { keyTypeProblem } from "./key-type-problem.ts";
import { normalizer } from "./normalize.ts";
import { valueCodec } from "./value-codec.ts";
import type { ScalarKind, TypeOfKind, ValueType } from "./value-type.ts";

// Values are drawn in any form that a type takes (−0, upper-case UUIDs, keys in any order, …). What is compared with
// is written down here once more, in another way, from the documentation.

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

const scalars: Readonly<Record<ScalarKind, fc.Arbitrary<unknown>>> = {
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

const { type: anyType } = fc.letrec<{ type: ValueType; fields: TypeOfKind<"struct">["fields"] }>((tie) => ({
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
      fc.record({ kind: fc.constant("table" as const), fields: tie("fields"), keyFields: fc.constant(null) }),
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
}));

function keyedTable(fields: TypeOfKind<"struct">["fields"]) {
  const key = { name: "key", type: { kind: "string", nullable: false } as ValueType, optional: false };
  return { kind: "table" as const, fields: [...fields, key], keyFields: ["key"] };
}

function drawn(type: ValueType): fc.Arbitrary<unknown> {
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

const typeAndValue = anyType.chain((type) => drawn(type).map((value) => ({ type, value })));
const runs = { numRuns: 1500 };

describe("any value of any type", () => {
  test("comes back from its bytes in its canonical form", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const { encode, decode } = valueCodec(type);
        const canonical = normalizer(type)(value);
        expect(decode(encode(value))).toStrictEqual(canonical);
        expect(JSON.stringify(shown(decode(encode(value))))).toBe(JSON.stringify(shown(canonical)));
        expect(compareBytes(encode(canonical), encode(value))).toBe(0);
      }),
      runs,
    );
  });

  test("is normalised once: what is canonical comes back as the same object", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const normalize = normalizer(type);
        const canonical = normalize(value);
        expect(Object.is(normalize(canonical), canonical)).toBe(true);
        expect(normalize(canonical)).toStrictEqual(canonical);
      }),
      runs,
    );
  });

  test("has the bytes of another if and only if both are equal", () => {
    const pairs = anyType.chain((type) =>
      fc.record({ type: fc.constant(type), a: drawn(type), b: drawn(type) }),
    );
    let equal = 0;
    fc.assert(
      fc.property(pairs, ({ type, a, b }) => {
        const { encode } = valueCodec(type);
        const normalize = normalizer(type);
        const same = shownText(normalize(a)) === shownText(normalize(b));
        if (same) equal++;
        expect(compareBytes(encode(a), encode(b)) === 0).toBe(same);
      }),
      runs,
    );
    expect(equal).toBeGreaterThan(20);
  });

  test("cut short, followed by more or with a bit flipped, is damaged or a value of the type", () => {
    const broken = typeAndValue.chain(({ type, value }) =>
      fc.record({ type: fc.constant(type), value: fc.constant(value), at: fc.nat(), bit: fc.nat(7) }),
    );
    fc.assert(
      fc.property(broken, ({ type, value, at, bit }) => {
        const { encode, decode } = valueCodec(type);
        const bytes = encode(value);
        expect(damageOf(() => decode(bytes.subarray(0, at % bytes.length)))).toBe("store-damaged");
        expect(damageOf(() => decode(Uint8Array.of(...bytes, 0)))).toBe("store-damaged");
        bytes[at % bytes.length]! ^= 1 << bit;
        expectFitOrDamaged(type, bytes);
      }),
      runs,
    );
  });

  test("made of random bytes is damaged or a value of the type", () => {
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 60 }), (type, bytes) =>
        expectFitOrDamaged(type, bytes),
      ),
      { numRuns: 4000 },
    );
  });
});

function expectFitOrDamaged(type: ValueType, bytes: Uint8Array): void {
  let value: unknown;
  const damage = damageOf(() => {
    value = valueCodec(type).decode(bytes);
  });
  if (damage === null) normalizer(type)(value);
  else expect(damage).toBe("store-damaged");
}

function damageOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return isSluiceError(error) ? error.code : String(error);
  }
}

/** A value with everything told apart that JSON does not. */
function shown(value: unknown): unknown {
  if (typeof value === "bigint") return { bigint: String(value) };
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : { number: String(value) };
  if (ArrayBuffer.isView(value))
    return { view: value.constructor.name, numbers: Array.from(value as Float64Array, String) };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, member]) => [name, shown(member)]);
}

const shownText = (value: unknown) => JSON.stringify(shown(value));

const keyType = fc.letrec<{ type: ValueType }>((tie) => ({
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
const keyPair = keyType.chain((type) =>
  fc.record({ type: fc.constant(type), a: drawn(type), b: drawn(type) }),
);

describe("any key of any key type", () => {
  test("comes back from its bytes", () => {
    fc.assert(
      fc.property(keyPair, ({ type, a }) => {
        const { encode, decode } = keyCodec(type);
        expect(decode(encode(a))).toStrictEqual(normalizer(type)(a));
      }),
      runs,
    );
  });

  test("sorts by its bytes as documented, and none begins another", () => {
    fc.assert(
      fc.property(keyPair, ({ type, a, b }) => {
        const { encode } = keyCodec(type);
        const order = compareKeys(type, normalizer(type)(a), normalizer(type)(b));
        expect(Math.sign(compareBytes(encode(a), encode(b)))).toBe(order);
        if (order !== 0) expect(encode(b).subarray(0, encode(a).length)).not.toEqual(encode(a));
      }),
      { numRuns: 4000 },
    );
  });

  test("broken is damaged or a key of the type", () => {
    const broken = fc.tuple(keyPair, fc.nat(), fc.nat(7));
    fc.assert(
      fc.property(broken, ([{ type, a }, at, bit]) => {
        const { encode, decode } = keyCodec(type);
        const bytes = encode(a);
        expect(damageOf(() => decode(bytes.subarray(0, at % bytes.length)))).toBe("store-damaged");
        bytes[at % bytes.length]! ^= 1 << bit;
        let key: unknown;
        const damage = damageOf(() => {
          key = decode(bytes);
        });
        if (damage === null) expect(encode(key)).toEqual(bytes);
        else expect(damage).toBe("store-damaged");
      }),
      { numRuns: 3000 },
    );
  });

  test("is refused for types without an order", () => {
    fc.assert(
      fc.property(anyType, (type) => {
        const refused = damageOf(() => keyCodec(type));
        expect(refused).toBe(keyTypeProblem(type) === null ? null : "key-invalid");
      }),
      runs,
    );
  });
});

const sign = (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0);

function compareKeys(type: ValueType, a: unknown, b: unknown): number {
  if (a === null || b === null) return sign(Number(a !== null), Number(b !== null));
  switch (type.kind) {
    case "struct":
      return firstOf(type.fields.map((f) => compareKeys(f.type, read(a, f.name), read(b, f.name))));
    case "tuple":
      return firstOf(type.items.map((item, i) => compareKeys(item, read(a, i), read(b, i))));
    case "range":
      return firstOf([
        sign(read(a, 0) as number, read(b, 0) as number),
        sign(read(a, 1) as number, read(b, 1) as number),
      ]);
    case "string":
      return Math.sign(compareBytes(Buffer.from(a as string), Buffer.from(b as string)));
    case "bytes":
      return Math.sign(compareBytes(a as Uint8Array, b as Uint8Array));
    case "float32":
    case "float64":
      return Number.isNaN(a) || Number.isNaN(b)
        ? sign(Number(Number.isNaN(a)), Number(Number.isNaN(b)))
        : sign(a as number, b as number);
    case "offsetDateTime":
      return firstOf([
        sign(instant(a as string), instant(b as string)),
        sign(ahead(a as string), ahead(b as string)),
      ]);
    case "duration":
      return sign(length(a as string), length(b as string));
    case "uuid":
    case "date":
      return a === b ? 0 : (a as string) < (b as string) ? -1 : 1;
    case "time":
    case "localDateTime":
      // Padded, the texts sort as they are.
      return sign(
        ...([a, b].map((t) =>
          BigInt(
            `1${(t as string).split(".")[0]!.replace(/\D/g, "")}${((t as string).split(".")[1] ?? "").padEnd(9, "0")}`,
          ),
        ) as [bigint, bigint]),
      );
    default:
      return sign(
        Number(a as boolean | number) === a ? a : BigInt(a as bigint),
        Number(b as boolean | number) === b ? b : BigInt(b as bigint),
      );
  }
}

const read = (value: unknown, name: string | number) =>
  (Object.getOwnPropertyDescriptor(value, name)?.value ?? null) as unknown;
const firstOf = (orders: readonly number[]) => orders.find((order) => order !== 0) ?? 0;
const ahead = (t: string) =>
  t.endsWith("Z") ? 0 : (t.at(-6) === "-" ? -1 : 1) * (Number(t.slice(-5, -3)) * 60 + Number(t.slice(-2)));

function instant(t: string): bigint {
  const seconds = Date.parse(`${t.slice(0, 19)}Z`) / 1000 - ahead(t) * 60;
  return BigInt(seconds) * 1_000_000_000n + BigInt((/\.(\d+)/.exec(t)?.[1] ?? "").padEnd(9, "0"));
}

function length(t: string): bigint {
  const part = (unit: string) => BigInt(new RegExp(`(\\d+)${unit}`).exec(t)?.[1] ?? 0);
  const seconds = BigInt(/(\d+)(?:\.\d+)?S/.exec(t)?.[1] ?? 0) + part("M") * 60n + part("H") * 3600n;
  const size = seconds * 1_000_000_000n + BigInt((/\.(\d+)/.exec(t)?.[1] ?? "").padEnd(9, "0"));
  return t.startsWith("-") ? -size : size;
}
