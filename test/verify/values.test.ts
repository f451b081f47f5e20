import { expect, test } from "vitest";
import { z } from "zod";
import {
  bytes,
  date,
  defineFlow,
  defineSource,
  defineTarget,
  duration,
  float32,
  int64,
  json,
  localDateTime,
  offsetDateTime,
  range,
  time,
  uuid,
  vector,
} from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

const value = z.object({
  float: z.number(),
  single: float32(),
  whole: z.int(),
  big: int64(),
  flag: z.boolean(),
  blob: bytes(),
  vector: vector(3),
  wide: vector(2, { element: "float64" }),
  day: date(),
  clock: time(),
  local: localDateTime(),
  instant: offsetDateTime(),
  span: duration(),
  part: range(),
  free: json(),
  maybe: z.string().nullable(),
  nested: z.object({ tags: z.array(z.string()), meta: z.object({ depth: z.number().nullable() }) }),
});

const row = {
  float: 0,
  single: 0.1,
  whole: 3,
  big: 12n,
  flag: true,
  blob: Uint8Array.of(1, 2, 3),
  vector: [0.1, 0, -2],
  wide: [0.25, 1e300],
  day: "2026-02-03",
  clock: "10:20:30",
  local: "2026-02-03T10:20:30",
  instant: "2026-02-03T10:20:30+01:00",
  span: "PT1H",
  part: [2, 5],
  free: { a: 1, b: [null, { c: "x" }] },
  maybe: null,
  nested: { tags: ["a", "b"], meta: { depth: null } },
};

/** The same row as backends of other kinds give it back. */
const equalRow = {
  nested: { meta: { depth: undefined }, tags: ["a", "b"], added: "by the backend" },
  free: { b: [null, { c: "x" }], a: 1 },
  part: Object.freeze([2, 5]),
  span: "PT60M",
  instant: "2026-02-03T10:20:30.000+01:00",
  local: "2026-02-03T10:20:30.0",
  clock: "10:20:30.000",
  day: "2026-02-03",
  wide: Float64Array.of(0.25, 1e300),
  vector: Float32Array.of(0.1, -0, -2),
  blob: Buffer.of(1, 2, 3),
  flag: true,
  big: BigInt(12),
  whole: 3,
  single: Math.fround(0.1),
  float: -0,
  updatedAt: new Date(0),
};

const differences: readonly (readonly [string, unknown])[] = [
  ["float", 1e-300],
  ["single", 0.2],
  ["whole", 4],
  ["big", 13n],
  ["flag", false],
  ["blob", Uint8Array.of(1, 2)],
  ["vector", [0.1, 0, 2]],
  ["wide", [0.25, 1e301]],
  ["day", "2026-02-04"],
  ["clock", "10:20:31"],
  ["local", "2026-02-03T10:20:31"],
  ["instant", "2026-02-03T10:20:30+02:00"],
  ["span", "PT61M"],
  ["part", [2, 6]],
  ["free", { a: 1, b: [null, { c: "y" }] }],
  ["maybe", ""],
  ["nested", { tags: ["a", "b"], meta: { depth: 0 } }],
  ["nested", { tags: ["b", "a"], meta: { depth: null } }],
];

const id = "0b0e7c8a-1d2e-4f3a-8b4c-5d6e7f8a9b0c";

/** A flow of one row of every type of value, and what its target gives back. */
async function everyType() {
  const back = { rows: [] as { key: unknown; value: unknown }[] };
  const box = defineTarget({
    kind: "box",
    spec: z.object({}),
    getPersistentKey: () => "box",
    applySetupChange() {},
    mutate() {},
    readBack: () => [back.rows as never],
  });
  const constant = defineSource({
    kind: "constant",
    spec: z.object({}),
    key: z.object({ id: uuid(), n: z.int() }),
    value,
    create: () => null,
    list: () => [[{ key: { id, n: 0 } as never }]],
    getValue: () => ({ value: row as never }),
  });
  const flow = world.keep(
    defineFlow("EveryType", (builder) => {
      const out = builder.addCollector<z.output<typeof value> & { id: string; n: number }>();
      builder.addSource("constant", constant({})).forEachRow((one) => {
        out.collect({ ...fieldsOf(one), id: one.id, n: one.n } as never);
      });
      out.export("Box", box({}), { primaryKeyFields: ["id", "n"] });
    }),
  );
  await flow.setup();
  expect((await flow.update()).failures).toEqual([]);
  return { flow, back };
}

function fieldsOf(one: object): Record<string, unknown> {
  return Object.fromEntries(Object.keys(row).map((name) => [name, (one as Record<string, unknown>)[name]]));
}

test("values that are equal and not identical are right", async () => {
  const { flow, back } = await everyType();
  back.rows = [{ key: { n: -0, id: id.toUpperCase() }, value: equalRow }];
  expect((await flow.verify()).targets.Box).toMatchObject({ expected: 1, found: 1, findings: [] });
  back.rows = [{ key: { id, n: 0 }, value: row }];
  expect((await flow.verify()).ok).toBe(true);
});

test.each(differences)("another %s is different: %o", async (field, other) => {
  const { flow, back } = await everyType();
  back.rows = [{ key: { id, n: 0 }, value: { ...equalRow, [field]: other } }];
  const { targets, ok } = await flow.verify();
  expect(targets.Box!.findings).toMatchObject([{ kind: "different", reason: null }]);
  expect(targets.Box!.findings[0]!.key).toContain(id);
  expect(ok).toBe(false);
});

test("a field that is missing does not fit, unless it may be null", async () => {
  const { flow, back } = await everyType();
  const { maybe: _, ...without } = row;
  back.rows = [{ key: { id, n: 0 }, value: without }];
  expect((await flow.verify()).ok).toBe(true);
  const { float: __, ...less } = row;
  back.rows = [{ key: { id, n: 0 }, value: less }];
  expect((await flow.verify()).targets.Box!.findings).toMatchObject([
    { kind: "different", reason: expect.stringContaining("the value does not fit: float: ") },
  ]);
});
