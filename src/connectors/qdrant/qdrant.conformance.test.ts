import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { QdrantDouble } from "../../../test/servers/qdrant-double.ts";
import { defineConnection } from "../../contracts/named-connection.ts";
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
  vector,
} from "../../values/index.ts";
import { payloadIndex, qdrant } from "./index.ts";

/** Where a real server is to be had: `docker run -p 6333:6333 qdrant/qdrant`, then `QDRANT_URL=http://localhost:6333`. */
const realUrl = process.env.QDRANT_URL;
const server = defineConnection("conformance-qdrant", { url: "http://localhost" });
let url = realUrl ?? "";
let double: QdrantDouble | null = null;

beforeAll(async () => {
  if (realUrl === undefined) {
    double = await QdrantDouble.start();
    url = double.url;
  }
  const apiKey = process.env.QDRANT_API_KEY;
  defineConnection("conformance-qdrant", { url, ...(realUrl && apiKey && { apiKey }) });
});
afterAll(() => double?.stop());

test("the contract is held against a real server", (context) => {
  context.skip(
    realUrl === undefined,
    "QDRANT_URL is not set, so a double stands in: docker run -p 6333:6333 qdrant/qdrant, QDRANT_URL=http://localhost:6333",
  );
  expect(url).toBe(realUrl);
});

async function ask(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; result: unknown }> {
  const response = await fetch(`${url}/collections/${path}`, {
    method,
    headers: { "content-type": "application/json", "api-key": process.env.QDRANT_API_KEY ?? "" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { result } = (await response.json()) as { result: unknown };
  return { status: response.status, result };
}

interface RawPoint {
  readonly payload: Record<string, unknown>;
  readonly vector: Record<string, unknown>;
}

/** The rows of a collection, by plain HTTP. */
async function readCollection({ name }: ConformancePlace, key: z.ZodObject, value: z.ZodObject) {
  const points: RawPoint[] = [];
  let offset: unknown = null;
  do {
    const { status, result } = await ask("POST", `${name}/points/scroll`, {
      limit: 500,
      with_payload: true,
      with_vector: true,
      ...(offset !== null && { offset }),
    });
    if (status === 404) return null;
    const page = result as { points: RawPoint[]; next_page_offset: unknown };
    points.push(...page.points);
    offset = page.next_page_offset ?? null;
  } while (offset !== null);
  const fieldsOf = (schema: z.ZodObject, point: RawPoint) => {
    const type = typeOfSchema(schema, "rows");
    if (type.kind !== "struct") throw new Error("no struct");
    const held = { ...point.payload, ...point.vector };
    return Object.fromEntries(
      type.fields
        .filter(({ name: field, optional }) => !(optional && held[field] === undefined))
        .map((field) => [field.name, fromJsonForm(field.type, held[field.name])]),
    );
  };
  return points.map((point) => ({ key: fieldsOf(key, point), value: fieldsOf(value, point) }));
}

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
  anyVector: vector(undefined, { element: "float64" }),
  list: z.array(z.string().nullable()),
  tuple: z.tuple([z.string(), z.int()]),
  struct: z.object({ text: z.string(), inner: z.object({ number: z.number().nullable() }) }),
  table: z.array(z.object({ name: z.string(), size: z.int() })),
  union: z.union([z.string(), z.int(), z.object({ a: z.boolean() })]),
  choice: z.enum(["one", "other"]).nullable(),
  optional: z.string().optional(),
});

const remove = ({ name }: ConformancePlace) => ask("DELETE", name);

describe("a collection of Qdrant keeps the contract of targets, with payloads of every type", () => {
  const key = z.object({ id: z.string(), part: z.int() });
  const suite = targetConformance({
    target: ({ name }) => qdrant({ connection: server, collection: name }),
    key,
    value: everyType,
    readBack: (place) => readCollection(place, key, everyType) as never,
    capabilities: { readBack: true, inspect: true },
    manyRows: 700,
    cleanUp: async (place) => void (await remove(place)),
  });
  for (const { name, run } of suite) test(name, run);
});

/** Numbers of few digits: Qdrant keeps 32 bits. */
const rows = Array.from({ length: 12 }, (_, n) => ({
  key: { id: n * 7 },
  value: { text: `row ${n}`, embedding: Float32Array.of(n, 0.5, -n / 4) },
}));

describe("a collection of Qdrant keeps the contract through changes of every kind", () => {
  const key = z.object({ id: z.int() });
  const value = z.object({
    text: z.string(),
    embedding: vector(3).refine((held) => (held as Float32Array).every(Number.isFinite)),
  });
  const more = value.extend({ note: z.string().nullable(), tags: z.array(z.string()) });
  const wider = z.object({ text: z.string(), embedding: vector(2) });
  const reading = (schema: z.ZodObject) => (place: ConformancePlace) =>
    readCollection(place, key, schema) as never;
  const byProduct = { vector: [{ field: "embedding", metric: "innerProduct" as const }] };
  const suite = targetConformance({
    target: ({ name }) => qdrant({ connection: server, collection: name }),
    key,
    value,
    rows,
    readBack: reading(value),
    capabilities: { readBack: true, inspect: true },
    indexes: byProduct,
    refused: { key: { id: 1_000_003 }, value: { text: "bad", embedding: Float32Array.of(Number.NaN, 0, 0) } },
    foreign: {
      put: async ({ name }) => void (await ask("PUT", `${name}_others`, { vectors: {} })),
      isThere: async ({ name }) => (await ask("GET", `${name}_others`)).status === 200,
    },
    changes: [
      { name: "two fields more", verdict: "compatible", value: more, readBack: reading(more) },
      {
        name: "another dimension",
        verdict: "destructive",
        value: wider,
        readBack: reading(wider),
        rows: rows.map((row) => ({
          key: row.key,
          value: { text: row.value.text, embedding: row.value.embedding.slice(0, 2) },
        })),
      },
      {
        name: "another graph",
        verdict: "compatible",
        indexes: { vector: [{ ...byProduct.vector[0]!, method: { kind: "hnsw", m: 32 } }] },
      },
      {
        name: "another metric",
        verdict: "destructive",
        indexes: { vector: [{ field: "embedding", metric: "l2" }] },
      },
      { name: "a text index", verdict: "compatible", indexes: { ...byProduct, fts: [{ field: "text" }] } },
      { name: "a payload index", verdict: "compatible", attachments: [payloadIndex("text", "keyword")] },
    ],
    manyRows: 300,
    cleanUp: async (place) => {
      await remove(place);
      await remove({ ...place, name: `${place.name}_others` });
    },
  });
  for (const { name, run } of suite) test(name, run);
});
