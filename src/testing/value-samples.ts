import { seededRandom } from "../kernel/random.ts";
import type { FieldType, ValueType } from "../values/index.ts";
import { type Samples, type ScalarType, scalarSamples } from "./scalar-samples.ts";

type Struct = Readonly<Record<string, unknown>>;

/** Values of a type to try: plain ones by number, ones at its limits, ones that are easily mixed up. */
export function samplesOf(type: ValueType): Samples {
  const samples = nonNullSamples(type);
  return type.nullable ? { ...samples, odd: [null, ...samples.odd] } : samples;
}

function nonNullSamples(type: ValueType): Samples {
  switch (type.kind) {
    case "vector":
      return vectorSamples(type.dimension, type.element === "float32" ? Float32Array : Float64Array);
    case "list":
      return listSamples(samplesOf(type.element));
    case "tuple":
      return tupleSamples(type.items.map(samplesOf));
    case "struct":
      return structSamples(type.fields);
    case "table":
      return tableSamples(structSamples(type.fields));
    case "union":
      return unionSamples(type.options.map(samplesOf));
    default:
      return scalarSamples[(type as ScalarType).kind];
  }
}

type Vector = new (numbers: readonly number[]) => Float32Array | Float64Array;

function vectorSamples(dimension: number | null, Numbers: Vector): Samples {
  const size = dimension ?? 3;
  const filled = (number: (at: number) => number) =>
    new Numbers(Array.from({ length: size }, (_, at) => number(at)));
  const numbered = (n: number) => {
    const random = seededRandom(n);
    return filled(() => 2 * random.next() - 1);
  };
  const units = [filled((at) => (at === 0 ? 1 : 0)), filled((at) => (at === size - 1 ? -1 : 0))];
  return {
    numbered: [numbered],
    odd: [...units, filled((at) => (at % 2 === 0 ? 1e-7 : -0.1)), filled(() => 0), filled(() => 1e6)],
    alike: [],
  };
}

function listSamples(element: Samples): Samples {
  const short = element.odd.slice(0, 8);
  return {
    numbered: element.numbered.map((make) => (n) => [make(n), make(n + 1)]),
    odd: [[], ...short.map((one) => [one]), short],
    alike: [],
  };
}

function tupleSamples(items: readonly Samples[]): Samples {
  const numbered = numberedParts(items);
  const plain = numbered[0]!(0);
  const replaced = (kind: "odd" | "alike") =>
    items.flatMap((item, at) => item[kind].map((one) => plain.with(at, one)));
  return { numbered, odd: replaced("odd"), alike: replaced("alike") };
}

/** Parts are numbered in step: the first way of each, then the second of those that have one, and so on. */
function numberedParts(parts: readonly Samples[]): ((n: number) => unknown[])[] {
  const ways = Math.max(1, ...parts.map(({ numbered }) => numbered.length));
  return Array.from(
    { length: ways },
    (_, way) => (n: number) => parts.map(({ numbered }) => numbered[Math.min(way, numbered.length - 1)]!(n)),
  );
}

function structSamples(fields: readonly FieldType[]): Samples {
  const named = (values: readonly unknown[]): Struct =>
    Object.fromEntries(fields.map(({ name }, at) => [name, values[at]]));
  const { numbered, odd, alike } = tupleSamples(fields.map(({ type }) => samplesOf(type)));
  const without = fields
    .filter(({ optional }) => optional)
    .map(({ name }) => {
      const { [name]: _, ...others } = named(numbered[0]!(0) as unknown[]);
      return others;
    });
  const structs = (tuples: readonly unknown[]) => tuples.map((values) => named(values as unknown[]));
  return {
    numbered: numbered.map((make) => (n) => named(make(n) as unknown[])),
    odd: [...without, ...structs(odd)],
    alike: structs(alike),
  };
}

function tableSamples(rows: Samples): Samples {
  return {
    numbered: rows.numbered.map((make) => (n) => [make(n), make(n + 1), make(n + 2)]),
    odd: [[], ...rows.odd.slice(0, 20).map((row) => [row])],
    alike: [],
  };
}

function unionSamples(options: readonly Samples[]): Samples {
  return {
    numbered: options.flatMap(({ numbered }) => numbered),
    odd: options.flatMap(({ odd }) => odd),
    alike: options.flatMap(({ alike }) => alike),
  };
}
