import { expect, test } from "vitest";
import { z } from "zod";
import { build, files, mistake, sourceOf } from "../../test/flow-examples.ts";
import type { ValueSchema } from "../contracts/schema.ts";

const add = (key: ValueSchema, value: ValueSchema) =>
  mistake((flow) => flow.addSource("rows", sourceOf(key, value)));
const withOptions = (options: object) => mistake((flow) => flow.addSource("documents", files, options));

test("a row has the fields of its key and of its value", () => {
  const definition = build((flow) => {
    flow.addSource(
      "struct",
      sourceOf(z.object({ b: z.string(), a: z.int() }), z.object({ c: z.string().optional() })),
    );
    flow.addSource("single", sourceOf(z.tuple([z.int(), z.int()]), z.object({ c: z.string() })));
  });
  const [struct, single] = definition.sources;
  expect(struct!.rowFields.map(({ name, optional }) => [name, optional])).toEqual([
    ["b", false],
    ["a", false],
    ["c", true],
  ]);
  expect(struct!.keyType.kind).toBe("struct");
  expect(single!.rowFields.map(({ name }) => name)).toEqual(["key", "c"]);
  expect(single!.keyType.kind).toBe("tuple");
  expect(single!.valueType.kind).toBe("struct");
  expect(single).toMatchObject({ name: "single", spec: {}, scope: { rowSlot: 0, steps: [] } });
});

test("names are checked, and each is there once", () => {
  expect(mistake((flow) => flow.addSource("my docs", files))).toMatchObject({
    code: "name-invalid",
    message: 'a source has the name "my docs"',
  });
  const twice = mistake((flow) => {
    flow.addSource("documents", files);
    flow.addSource("documents", files);
  });
  expect(twice).toMatchObject({
    code: "name-duplicate",
    message: "there are two sources of the name documents",
    where: { flow: "Docs", source: "documents" },
  });
});

test("a key can be compared and is never null", () => {
  const place = { flow: "Docs", source: "rows" };
  expect(add(z.object({ a: z.array(z.string()) }), z.object({}))).toMatchObject({
    code: "key-invalid",
    message: "the key of source rows cannot be one: field a: a list cannot be a key",
    where: place,
  });
  expect(add(z.string().nullable(), z.object({}))).toMatchObject({ code: "key-invalid", where: place });
  expect(add(z.object({ a: z.string().optional() }), z.object({}))).toMatchObject({
    code: "key-invalid",
    where: place,
  });
});

test("a value is a struct", () => {
  for (const value of [z.string(), z.object({}).nullable(), z.array(z.object({}))])
    expect(add(z.string(), value)).toMatchObject({
      code: "schema-unsupported",
      message: expect.stringContaining("the value of source rows must be a struct that is never null, not "),
      where: { flow: "Docs", source: "rows" },
    });
  expect(add(z.string(), z.object({ a: z.map(z.string(), z.string()) }))).toMatchObject({
    code: "schema-unsupported",
    message: expect.stringContaining("the value of source rows"),
    where: { flow: "Docs", source: "rows" },
  });
});

test("key and value share no field", () => {
  expect(
    add(z.object({ id: z.string(), a: z.string() }), z.object({ a: z.string(), id: z.string() })),
  ).toMatchObject({
    code: "name-duplicate",
    message: "key and value of source rows both have id and a",
    where: { flow: "Docs", source: "rows", step: "id" },
  });
  expect(add(z.string(), z.object({ key: z.string() })).message).toBe(
    "key and value of source rows both have key",
  );
});

test("options are read and checked", () => {
  const definition = build((flow) => {
    flow.addSource("a", files, {
      refreshInterval: "1m30s",
      maxInflightRows: 3,
      maxInflightBytes: 4,
      renamedFrom: "b",
    });
    flow.addSource("c", files, { refreshInterval: 250 });
  });
  expect(definition.sources.map(({ options }) => options)).toEqual([
    { refreshIntervalMs: 90_000, maxInflightRows: 3, maxInflightBytes: 4, renamedFrom: "b" },
    { refreshIntervalMs: 250, maxInflightRows: null, maxInflightBytes: null, renamedFrom: null },
  ]);
  for (const refreshInterval of ["5 seconds", "", "0s", -1, 0, null, {}])
    expect(withOptions({ refreshInterval })).toMatchObject({
      code: "option-invalid",
      message: expect.stringContaining("documents: refreshInterval is no time span"),
      where: { flow: "Docs", source: "documents" },
    });
  expect(withOptions({ maxInflightRows: 0 }).code).toBe("option-invalid");
  expect(withOptions({ maxInflightBytes: 1.5 }).code).toBe("option-invalid");
  expect(withOptions({ renamedFrom: "a b" })).toMatchObject({
    code: "name-invalid",
    where: { source: "documents" },
  });
  expect(withOptions({ refreshIntervall: "5s" })).toMatchObject({
    code: "option-invalid",
    message: "source documents has no option refreshIntervall",
    hint: expect.stringContaining("Did you mean refreshInterval?"),
  });
  expect(withOptions([] as object).code).toBe("option-invalid");
});

test("a source is made by calling what defineSource returned", () => {
  for (const wrong of [undefined, null, () => files, {}])
    expect(mistake((flow) => flow.addSource("documents", wrong as never))).toMatchObject({
      code: "option-invalid",
      message: "source documents was given nothing to read from",
      where: { source: "documents" },
    });
});
