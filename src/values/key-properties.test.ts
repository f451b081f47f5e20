import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareBytes } from "../kernel/bytes.ts";
import { anyType, damageOf, drawn, keyType } from "./arbitrary-value.test.ts";
import { keyCodec } from "./key-codec.ts";
import { keyTypeProblem } from "./key-type-problem.ts";
import { normalizer } from "./normalize.ts";
import type { ValueType } from "./value-type.ts";

// The order is written down here once more, in another way, from the documentation.

const runs = { numRuns: 1500 };

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
