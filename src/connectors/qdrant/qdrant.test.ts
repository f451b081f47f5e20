import { QdrantClient } from "@qdrant/js-client-rest";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { QdrantDouble } from "../../../test/servers/qdrant-double.ts";
import { defineConnection } from "../../contracts/named-connection.ts";
import { env, secret } from "../../contracts/secret.ts";
import type { Json, TargetIndexes, TargetRow, TargetUse, VectorMetric } from "../../contracts/target.ts";
import { int64, typeOfSchema, uuid, vector } from "../../values/index.ts";
import { payloadIndex, qdrant } from "./index.ts";
import { pointId } from "./points.ts";

const names = { flow: "Docs", targetName: "Chunks", defaultName: "Docs__Chunks" };
const keySchema = z.object({ id: z.string() });
const rowSchema = z.object({
  text: z.string(),
  embedding: vector(2).nullable(),
  wide: vector(2, { element: "float64" }),
  many: z.array(vector(2)),
});

let server: QdrantDouble;
beforeEach(async () => {
  server = await QdrantDouble.start();
});
afterEach(() => server.stop());

function fieldsOf(schema: z.ZodObject) {
  const type = typeOfSchema(schema, "rows");
  if (type.kind !== "struct") throw new Error("no struct");
  return type.fields;
}

interface Asked {
  readonly indexes?: Partial<TargetIndexes>;
  readonly attachments?: readonly Json[];
}

/** A target as setup and the engine use it. */
function harness(use: TargetUse<unknown, unknown>, { indexes: given = {}, attachments = [] }: Asked = {}) {
  const { definition, spec } = use;
  const schema = { keyFields: fieldsOf(keySchema), valueFields: fieldsOf(rowSchema) };
  const indexes = { vector: [], fts: [], ...given };
  const context = { appDirectory: "/", signal: new AbortController().signal, leaseNumber: 1 };
  const key = definition.getPersistentKey(spec, "Chunks", names);
  const state = () => definition.setupState({ spec, schema, indexes, attachments, ...names });
  const open = async () => definition.prepare(spec, { ...context, schema, indexes, ...names });
  return {
    key,
    state,
    create: async () => definition.applySetupChange({ key, previous: null, current: state() }, context),
    drop: async () => definition.applySetupChange({ key, previous: state(), current: null }, context),
    write: async (rows: readonly object[]) =>
      definition.mutate([{ target: await open(), mutations: rows as never }], context),
    rows: async () => {
      const found: TargetRow<unknown, unknown>[] = [];
      for await (const page of definition.readBack!(await open(), context)) found.push(...page);
      return found;
    },
  };
}

const row = (id: string, embedding: number[] | null = [3, 4]) => ({
  key: { id },
  value: {
    text: `the text of ${id}`,
    embedding: embedding && Float32Array.from(embedding),
    wide: Float64Array.of(0.1, 1 / 3),
    many: [Float32Array.of(1, 2), Float32Array.of(0.5, 0)],
  },
});

describe("vectors come back as they were given, whatever Qdrant makes of them", () => {
  test.each<VectorMetric>(["cosine", "l2", "innerProduct"])("compared by %s", async (metric) => {
    const vectors = ["embedding", "wide", "many"].map((field) => ({ field, metric }));
    const target = harness(qdrant({ url: server.url }), { indexes: { vector: vectors } });
    await target.create();
    const rows = [row("one"), row("two", [0, 0]), row("three", null)];
    const empty = { ...row("four"), value: { ...row("four").value, many: [] } };
    await target.write([...rows, empty]);
    const found = await target.rows();
    expect(found).toHaveLength(4);
    for (const wanted of [...rows, empty]) expect(found).toContainEqual(wanted);
  });

  test("one that others have changed is told as it is", async () => {
    const target = harness(qdrant({ url: server.url }));
    await target.create();
    await target.write([row("one")]);
    const points = server.collections.get(names.defaultName)!.points;
    const [point] = [...points.values()];
    points.set(point!.id, { ...point!, vector: { ...point!.vector, embedding: [1, 0] } });
    const [found] = await target.rows();
    expect((found!.value as { embedding: Float32Array }).embedding).toEqual(Float32Array.of(1, 0));
  });
});

describe("what Qdrant answers to its own client", () => {
  test("the nearest points with their scores, filtered by words of the text", async () => {
    const target = harness(qdrant({ url: server.url }), {
      indexes: { vector: [{ field: "embedding", metric: "cosine" }], fts: [{ field: "text" }] },
    });
    await target.create();
    await target.write([row("near", [3, 4]), row("far", [-3, 4]), row("none", null)]);
    const client = new QdrantClient({ url: server.url, checkCompatibility: false });
    const asked = { query: [6, 8], using: "embedding", limit: 2, with_payload: true };
    const { points } = await client.query(names.defaultName, asked);
    expect(points.map(({ payload }) => payload!.id)).toEqual(["near", "far"]);
    expect(points[0]!.score).toBeCloseTo(1, 5);
    expect(points[1]!.score).toBeCloseTo((-18 + 32) / 50, 5);
    const filter = { must: [{ key: "text", match: { text: "far text" } }] };
    const filtered = await client.query(names.defaultName, { ...asked, filter });
    expect(filtered.points.map(({ payload }) => payload!.id)).toEqual(["far"]);
  });
});

describe("ids of points", () => {
  const idOf = (schema: z.ZodObject, key: Record<string, unknown>) => pointId(fieldsOf(schema), key);

  test("UUIDs and integers from 0 on are their own; all others are UUIDs that keys do not share", () => {
    const own = "5c56c793-69f3-4fbf-87e6-c4bf54c28c26";
    expect(idOf(z.object({ id: uuid() }), { id: own })).toBe(own);
    expect(idOf(z.object({ n: z.int() }), { n: 7 })).toBe(7);
    const version8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(idOf(z.object({ n: z.int() }), { n: -7 })).toMatch(version8);
    expect(idOf(z.object({ n: int64() }), { n: 7n })).toMatch(version8);
    const pair = z.object({ a: z.string(), b: z.string() });
    fc.assert(
      fc.property(fc.tuple(fc.string(), fc.string()), fc.tuple(fc.string(), fc.string()), (one, other) => {
        const [id, otherId] = [one, other].map(([a, b]) => idOf(pair, { a, b }));
        expect(id).toMatch(version8);
        expect(id === otherId).toBe(one[0] === other[0] && one[1] === other[1]);
      }),
    );
  });
});

describe("a server that is not as it should be", () => {
  test("one that does not answer lets rows wait", async () => {
    const target = harness(qdrant({ url: server.url }));
    await target.create();
    await server.stop();
    await expect(target.write([row("one")])).rejects.toMatchObject({ code: "target-unavailable" });
    server = await QdrantDouble.start();
  });

  test("a collection that was removed is said", async () => {
    const target = harness(qdrant({ url: server.url }));
    await target.create();
    server.collections.clear();
    await expect(target.write([row("one")])).rejects.toMatchObject({
      code: "target-unavailable",
      message: expect.stringMatching(/404 .*doesn't exist/),
    });
  });

  test("a write that was applied and reported as failed can come again", async () => {
    const target = harness(qdrant({ url: server.url }));
    await target.create();
    server.at = (moment) => {
      if (moment.startsWith("done PUT") && moment.endsWith("/points")) throw new Error("lost");
    };
    await expect(target.write([row("one")])).rejects.toMatchObject({ code: "target-unavailable" });
    server.at = () => {};
    await target.write([row("one")]);
    expect(await target.rows()).toEqual([row("one")]);
  });

  test("a setup that was interrupted before the collection was marked is completed", async () => {
    const target = harness(qdrant({ url: server.url }), { attachments: [payloadIndex("text", "keyword")] });
    server.at = (moment) => {
      if (moment.startsWith("PATCH")) throw new Error("lost");
    };
    await expect(target.create()).rejects.toThrow(/was not set up: 500 lost/);
    server.at = () => {};
    await target.create();
    await target.write([row("one")]);
    expect(await target.rows()).toEqual([row("one")]);
  });

  test("a vector that is no vector fails alone, by its name", async () => {
    const target = harness(qdrant({ url: server.url }));
    await target.create();
    await expect(target.write([row("bad", [Number.NaN, 1])])).rejects.toMatchObject({
      code: "mutate-failed",
      message: expect.stringMatching(/embedding .* NaN/),
    });
  });

  test("a wrong key is said, and never shown", async () => {
    server.apiKey = "right";
    process.env.SLUICE_TEST_QDRANT_KEY = "wr0ng";
    const target = harness(qdrant({ url: server.url, apiKey: env("SLUICE_TEST_QDRANT_KEY") }));
    const thrown: unknown = await target.create().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "target-unavailable", hint: expect.stringMatching(/apiKey/) });
    expect(JSON.stringify([thrown, target.key, target.state()])).not.toMatch(/wr0ng/);
    process.env.SLUICE_TEST_QDRANT_KEY = "right";
    await target.create();
    delete process.env.SLUICE_TEST_QDRANT_KEY;
  });
});

describe("what is not ours stays", () => {
  test("a collection of that name is neither altered nor dropped", async () => {
    const client = new QdrantClient({ url: server.url, checkCompatibility: false });
    await client.createCollection(names.defaultName, { vectors: {} });
    await client.upsert(names.defaultName, { points: [{ id: 1, vector: {}, payload: {} }] });
    const target = harness(qdrant({ connection: defineConnection("theirs", client) }));
    await expect(target.create()).rejects.toMatchObject({ code: "setup-conflict" });
    await expect(target.drop()).rejects.toMatchObject({ code: "setup-conflict" });
    expect(server.collections.get(names.defaultName)!.points.size).toBe(1);
  });
});

describe("what is refused when the flow is defined", () => {
  const stateWith = (asked: Asked) => () => harness(qdrant({ url: server.url }), asked).state();

  test("indexes that a field cannot have", () => {
    expect(stateWith({ indexes: { vector: [{ field: "text", metric: "l2" }] } })).toThrow(
      /no vectors of fixed/,
    );
    const method = { kind: "ivfflat" };
    const byLists = { vector: [{ field: "embedding", metric: "l2" as const, method }] };
    expect(stateWith({ indexes: byLists })).toThrow(/method that it cannot have/);
    expect(stateWith({ attachments: [payloadIndex("embedding", "keyword")] })).toThrow(
      /no field of the payload/,
    );
    expect(stateWith({ attachments: ["CREATE INDEX"] })).toThrow(/payload indexes as attachments alone/);
  });

  test("keys as text, addresses with credentials, and two places or none", () => {
    const typed = secret().parse("hush");
    expect(() => qdrant({ url: server.url, apiKey: typed })).toThrow(/env\("NAME"\)/);
    expect(() => qdrant({ url: "http://me:hush@host" })).toThrow(/without credentials/);
    expect(() => qdrant({})).toThrow(/one of `url` and `connection`/);
  });
});
