import type { ValueType } from "../values/index.ts";
import { alikeTexts, numberedTexts, oddTexts } from "./sample-texts.ts";

/** Values of one type for a kit to try. Not all need fit the schema: the kit drops those that do not. */
export interface Samples {
  /** Ways to make the `n`-th of as many different values as are wanted; the first that fits the schema counts. */
  readonly numbered: readonly ((n: number) => unknown)[];
  /** Values at the limits of the type. */
  readonly odd: readonly unknown[];
  /** Values that some systems take for one another. */
  readonly alike: readonly unknown[];
}

export type ScalarType = Extract<ValueType, { readonly kind: keyof typeof scalarSamples }>;

const pad = (n: number, digits: number) => String(n).padStart(digits, "0");
const dayOf = (n: number) => new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10);
const secondOf = (n: number) => new Date(Date.UTC(2020, 0, 1, 0, 0, n)).toISOString().slice(0, 19);
const clockOf = (n: number) => {
  const second = n % 86_400;
  return [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60]
    .map((part) => pad(part, 2))
    .join(":");
};
const bytesOf = (n: number) => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
const numbers = [(n: number) => n, (n: number) => n + 1, (n: number) => -n - 1, (n: number) => 10 * n];
const { MAX_SAFE_INTEGER: greatest, MIN_SAFE_INTEGER: least } = Number;

/** The samples of each kind that has no parts. */
export const scalarSamples = {
  boolean: { numbered: [(n) => n % 2 === 0], odd: [false, true], alike: [false, true] },
  string: { numbered: numberedTexts, odd: oddTexts, alike: alikeTexts },
  bytes: {
    numbered: [bytesOf],
    odd: [
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(255),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
      Uint8Array.from({ length: 70_000 }, (_, at) => at % 251),
    ],
    alike: [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(0, 0), Uint8Array.of(48)],
  },
  int: {
    numbered: numbers,
    odd: [0, 1, -1, 255, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, greatest, least],
    alike: [0, 1, -1, 10, 100, greatest, greatest - 1, least],
  },
  int64: {
    numbered: [(n) => BigInt(n), (n) => BigInt(n) + 1n],
    odd: [0n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
    alike: [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n - 2n],
  },
  float32: {
    numbered: [(n) => n + 0.5, (n) => n, (n) => 1 / (n + 1)],
    odd: [0, -1.5, 0.1, 1e-45, 3.4028234663852886e38, Number.NaN, 1 / 0, -1 / 0].map(Math.fround),
    alike: [0, 1e-45, 1, 1 + 2 ** -23].map(Math.fround),
  },
  float64: {
    numbered: [(n) => n + 0.5, (n) => n, (n) => 1 / (n + 1)],
    odd: [0, -1.5, 0.1, 1 / 3, 1e-7, 1e21, 2 ** 53, 5e-324, Number.MAX_VALUE, Number.NaN, 1 / 0, -1 / 0],
    alike: [0.3, 0.1 + 0.2, 0, 5e-324, 1, 1 + Number.EPSILON],
  },
  range: {
    numbered: [(n) => [n, n + 1]],
    odd: [
      [0, 0],
      [-5, 7],
      [least, greatest],
    ],
    alike: [
      [0, 0],
      [0, 1],
      [1, 1],
    ],
  },
  uuid: {
    numbered: [(n) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`],
    odd: [
      "00000000-0000-0000-0000-000000000000",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
      "0123abcd-89ef-4abc-8def-0123456789ab",
    ],
    alike: [],
  },
  date: {
    numbered: [dayOf],
    odd: ["0000-01-01", "0001-01-01", "1582-10-10", "1969-12-31", "2000-02-29", "9999-12-31"],
    alike: [],
  },
  time: {
    numbered: [clockOf],
    odd: ["00:00:00", "12:00:00.5", "23:59:59.999", "23:59:59.999999999"],
    alike: ["12:00:00", "12:00:00.000000001"],
  },
  localDateTime: {
    numbered: [secondOf],
    odd: [
      "0000-01-01T00:00:00",
      "1970-01-01T00:00:00",
      "2024-02-29T23:59:59.123456789",
      "9999-12-31T23:59:59",
    ],
    alike: ["2024-03-31T02:30:00", "2024-03-31T03:30:00", "2024-03-31T02:30:00.000000001"],
  },
  offsetDateTime: {
    numbered: [(n) => `${secondOf(n)}Z`],
    odd: ["0000-01-01T00:00:00Z", "2024-02-29T23:59:59.123456789+05:30", "9999-12-31T23:59:59-11:00"],
    alike: ["2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00"],
  },
  duration: {
    numbered: [(n) => `PT${n}S`],
    odd: ["PT0S", "-PT1H", "PT26H3M4.5S", "PT0.000000001S", "PT1000000H"],
    alike: ["PT1M", "PT1M0.000000001S"],
  },
  json: {
    numbered: [(n) => ({ n, of: ["json", { n }] }), (n) => n],
    odd: [
      false,
      0,
      "",
      "text",
      "null",
      [],
      {},
      [null],
      [[[[]]]],
      { a: null },
      { a: { b: [1, 2.5, { c: "😀" }] } },
      { "": 1, "a.b": 2, $c: 3, "d e": 4, é: 5, toString: 6 },
      [greatest, least, 1e-7, 1e21, Number.MAX_VALUE],
      Array.from({ length: 1_000 }, (_, n) => ({ n })),
    ],
    alike: [],
  },
} as const satisfies Readonly<Record<string, Samples>>;
