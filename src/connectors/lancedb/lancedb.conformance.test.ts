import { join } from "node:path";
import * as lance from "@lancedb/lancedb";
import { describe, test } from "vitest";
import { z } from "zod";
import type { ConformancePlace } from "../../testing/conformance-place.ts";
import { targetConformance } from "../../testing/target-conformance.ts";
import {
  bytes,
  date,
  duration,
  float32,
  fromJsonForm,
  int64,
  json,
  localDateTime,
  offsetDateTime,
  range,
  time,
  typeOfSchema,
  uuid,
  type ValueType,
  vector,
} from "../../values/index.ts";
import { lancedb } from "./index.ts";

/** Every type that a flow can have. */
const everyType = z.object({
  boolean: z.boolean(),
  bytes: bytes(),
  int: z.int(),
  int64: int64(),
  float32: float32(),
  float64: z.number(),
  range: range(),
  uuid: uuid(),
  date: date(),
  time: time(),
  localDateTime: localDateTime(),
  offsetDateTime: offsetDateTime(),
  duration: duration(),
  json: json(),
  vector: vector(4),
  maybeVector: vector(3, { element: "float64" }).nullable(),
  anyVector: vector(undefined, { element: "float64" }),
  vectors: z.array(vector(2)),
  list: z.array(z.string().nullable()),
  integers: z.array(z.int()),
  tuple: z.tuple([z.string(), z.int()]),
  struct: z.object({ text: z.string(), inner: z.object({ number: z.number().nullable() }) }),
  table: z.array(z.object({ name: z.string(), size: z.int() })),
  union: z.union([z.string(), z.int(), z.object({ a: z.boolean() })]),
  choice: z.enum(["one", "other"]).nullable(),
  optional: z.string().optional(),
});

const directory = ({ appDirectory }: ConformancePlace) => join(appDirectory, "database");

/** The rows of a table, with a connection of their own: what columns hold is told by their Arrow types. */
async function readTable(place: ConformancePlace, key: z.ZodObject, value: z.ZodObject) {
  const connection = await lance.connect(directory(place));
  try {
    if (!(await connection.tableNames()).includes(place.name)) return null;
    const table = await connection.openTable(place.name);
    const names = (await table.schema()).fields.map(({ name, type }) => {
      const isText = String(type) === "Utf8";
      // Arrow for JavaScript drops the byte order mark of text that begins with one.
      return [name, isText ? `arrow_cast(\`${name}\`, 'Binary')` : `\`${name}\``] as const;
    });
    const held = await table.query().select(new Map(names)).toArrow();
    const rows = Array.from({ length: held.numRows }, (_, i) => held.get(i)!.toJSON());
    const isKnown = (name: string) => held.schema.fields.some((field) => field.name === name);
    const fieldsOf = (schema: z.ZodObject, row: Record<string, unknown>, isKey: boolean) =>
      Object.fromEntries(
        fieldTypes(schema)
          .filter(({ name, optional }) => isKnown(name) && !(optional && row[name] === null))
          .map(({ name, type }) => [name, plain(type, row[name], isKey)]),
      );
    return rows.map((row) => ({
      key: fieldsOf(key, row, true) as never,
      value: fieldsOf(value, row, false) as never,
    }));
  } finally {
    connection.close();
  }
}

function fieldTypes(schema: z.ZodObject) {
  const type = typeOfSchema(schema, "rows");
  if (type.kind !== "struct") throw new Error("no struct");
  return type.fields;
}

const inJson = new Set(["json", "range", "tuple", "struct", "table", "union"]);

function plain(type: ValueType, held: unknown, isKey: boolean): unknown {
  if (held === null) return null;
  const isJson = inJson.has(type.kind) || (isKey && ["float64", "bytes"].includes(type.kind));
  if (isJson) return fromJsonForm(type, JSON.parse(text(held)));
  if (isText(held, type)) return text(held);
  if (type.kind === "int") return Number(held);
  if (type.kind === "bytes") return Uint8Array.from(held as Uint8Array);
  if (type.kind === "vector") {
    const numbers = held as Iterable<number>;
    return type.element === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
  }
  if (type.kind === "list") {
    return Array.from(held as Iterable<unknown>, (part) => plain(type.element, part, false));
  }
  return held;
}

function isText(held: unknown, { kind }: ValueType): boolean {
  return held instanceof Uint8Array && kind !== "bytes";
}

function text(held: unknown): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(held as Uint8Array);
}

describe("a table of LanceDB keeps the contract of targets, with values of every type", () => {
  const key = z.object({ id: z.string(), part: z.int() });
  const suite = targetConformance({
    target: ({ name }) => lancedb({ uri: "database", table: name }),
    key,
    value: everyType,
    readBack: (place) => readTable(place, key, everyType) as never,
    capabilities: { readBack: true, inspect: true },
    manyRows: 400,
  });
  for (const { name, run } of suite) test(name, run);
});

describe("a table of LanceDB keeps the contract through changes of every kind, with any kind of key", () => {
  const key = z.object({ place: range(), bytes: bytes(), number: z.number(), yes: z.boolean() });
  const value = z.object({ text: z.string(), embedding: vector(3) });
  const more = value.extend({ note: z.string().nullable(), tags: z.array(z.string()) });
  const reading = (schema: z.ZodObject) => (place: ConformancePlace) =>
    readTable(place, key, schema) as never;
  const byCosine = { vector: [{ field: "embedding", metric: "cosine" as const }] };
  const suite = targetConformance({
    target: ({ name }) => lancedb({ uri: "database", table: name }),
    key,
    value,
    readBack: reading(value),
    capabilities: { readBack: true, inspect: true },
    foreign: {
      async put(place) {
        const connection = await lance.connect(directory(place));
        await connection.createTable(`${place.name}_others`, [{ id: 1 }]);
        connection.close();
      },
      async isThere(place) {
        const connection = await lance.connect(directory(place));
        const names = await connection.tableNames();
        connection.close();
        return names.includes(`${place.name}_others`);
      },
    },
    indexes: byCosine,
    changes: [
      { name: "two columns more", verdict: "compatible", value: more, readBack: reading(more) },
      {
        name: "another dimension",
        verdict: "destructive",
        value: value.extend({ embedding: vector(5) }),
        readBack: reading(value.extend({ embedding: vector(5) })),
      },
      {
        name: "another type",
        verdict: "destructive",
        value: value.extend({ text: z.int() }),
        readBack: reading(value.extend({ text: z.int() })),
      },
      {
        name: "a full-text index",
        verdict: "compatible",
        indexes: { ...byCosine, fts: [{ field: "text" }] },
      },
      {
        name: "another metric",
        verdict: "compatible",
        indexes: { vector: [{ field: "embedding", metric: "l2" }] },
      },
    ],
    manyRows: 300,
  });
  for (const { name, run } of suite) test(name, run);
});
