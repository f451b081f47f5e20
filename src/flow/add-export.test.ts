import { expect, test } from "vitest";
import { z } from "zod";
import { addFiles, build, embed, mistake, targetOf } from "../../test/flow-examples.ts";
import { uuid } from "../values/index.ts";
import { type Collector, type FlowBuilder, generatedUuid } from "./index.ts";

interface Page {
  filename: string;
  html: string;
  language: string | null;
  embedding: Float32Array;
}

type Pages = Collector<Page>;

function pages(flow: FlowBuilder, use: (out: Pages) => void): void {
  const out = flow.addCollector<Page>();
  addFiles(flow).forEachRow((doc) => {
    const { filename, content, language } = doc;
    out.collect({ filename, html: content, language, embedding: content.transform(embed) });
  });
  use(out);
}

const exported = (target: unknown, options: object) => (flow: FlowBuilder) =>
  pages(flow, (out) => out.export("Pages", target as never, options as never));
const problem = (target: unknown, options: object) => mistake(exported(target, options));
const withOptions = (options: object) => problem(targetOf(), { primaryKeyFields: ["filename"], ...options });
const place = { flow: "Docs", target: "Pages" };

const key = z.object({ filename: z.string() });
const value = z.object({
  html: z.string(),
  language: z.string().nullable(),
  embedding: z.custom<Float32Array>(),
});

test("an export is kept with its options", () => {
  const definition = build((flow) =>
    pages(flow, (out) => {
      out.export("Pages", targetOf(), {
        primaryKeyFields: ["filename", "html"],
        vectorIndexes: [{ field: "embedding", metric: "cosine", method: { kind: "hnsw", m: 16 } }],
        ftsIndexes: [{ field: "html", parameters: { language: "english" } }],
        attachments: [{ sql: "select 1" }],
        setupByUser: true,
        onDuplicateKey: "error",
        renamedFrom: "Old",
      });
      out.export("Plain", targetOf(), { primaryKeyFields: ["filename"] });
    }),
  );
  expect(definition.exports[0]).toMatchObject({
    name: "Pages",
    collector: 0,
    spec: { name: "t" },
    primaryKeyFields: ["filename", "html"],
    indexes: {
      vector: [{ field: "embedding", metric: "cosine", method: { kind: "hnsw", m: 16 } }],
      fts: [{ field: "html", parameters: { language: "english" } }],
    },
    attachments: [{ sql: "select 1" }],
    setupByUser: true,
    onDuplicateKey: "error",
    renamedFrom: "Old",
  });
  expect(definition.exports[1]).toMatchObject({
    indexes: { vector: [], fts: [] },
    attachments: [],
    setupByUser: false,
    onDuplicateKey: "first",
    renamedFrom: null,
  });
});

test("names are checked, and each is there once", () => {
  const twice = mistake((flow) =>
    pages(flow, (out) => {
      out.export("Pages", targetOf(), { primaryKeyFields: ["filename"] });
      out.export("Pages", targetOf(), { primaryKeyFields: ["filename"] });
    }),
  );
  expect(twice).toMatchObject({
    code: "name-duplicate",
    message: "there are two exports of the name Pages",
    where: place,
  });
  const name = mistake((flow) =>
    pages(flow, (out) => out.export("a b", targetOf(), { primaryKeyFields: ["filename"] })),
  );
  expect(name).toMatchObject({ code: "name-invalid", where: { flow: "Docs" } });
  expect(withOptions({ renamedFrom: "" })).toMatchObject({ code: "name-invalid", where: place });
});

test("a primary key is fields that are collected, once each, never null, and can be compared", () => {
  expect(problem(targetOf(), { primaryKeyFields: ["filname"] })).toMatchObject({
    code: "key-invalid",
    message: "export Pages: primary key field filname is not collected",
    hint: "Did you mean filename? The collector has filename, html, language and embedding.",
    where: { ...place, step: "filname" },
  });
  expect(problem(targetOf(), { primaryKeyFields: ["filename", "filename"] })).toMatchObject({
    code: "key-invalid",
    message: "export Pages: primary key field filename is named twice",
    where: { ...place, step: "filename" },
  });
  expect(problem(targetOf(), { primaryKeyFields: ["language"] })).toMatchObject({
    code: "key-invalid",
    message: "export Pages: primary key field language may be null: it is string?",
    where: { ...place, step: "language" },
  });
  expect(problem(targetOf(), { primaryKeyFields: ["embedding"] })).toMatchObject({
    code: "key-invalid",
    message: "export Pages: primary key field embedding cannot be a key: a vector cannot be a key",
  });
  for (const primaryKeyFields of [undefined, [], "filename", [1]])
    expect(problem(targetOf(), { primaryKeyFields })).toMatchObject({
      code: "export-invalid",
      message: "export Pages needs primaryKeyFields",
      where: place,
    });
  expect(problem(targetOf(), undefined as never).message).toBe("export Pages needs primaryKeyFields");
});

test("a target that says what it takes gets exactly that", () => {
  const pageTarget = (keySchema: z.ZodType, valueSchema: z.ZodType) =>
    targetOf({ key: keySchema, value: valueSchema });
  const all = z.object({
    html: z.string(),
    language: z.string().nullable(),
    embedding: z.array(z.number()).nullable(),
  });
  const at = (step: string) => ({ code: "export-invalid", where: { ...place, step } });
  const primaryKeyFields = ["filename"];
  expect(
    problem(pageTarget(z.object({ filename: z.string(), page: z.int() }), all), { primaryKeyFields }),
  ).toMatchObject({
    ...at("page"),
    message: "export Pages lacks page, which the key of target table needs",
    hint: "It collects filename, html, language and embedding, of which filename is the primary key.",
  });
  expect(problem(pageTarget(key, all), { primaryKeyFields: ["filename", "html"] })).toMatchObject({
    ...at("html"),
    message: "export Pages has html, which is no field of the key of target table",
  });
  expect(problem(pageTarget(z.object({ filename: z.int() }), all), { primaryKeyFields })).toMatchObject({
    ...at("filename"),
    message: "export Pages collects filename as string, but the key of target table takes int",
  });
  expect(
    problem(pageTarget(key, z.object({ ...all.shape, title: z.string(), more: z.string() })), {
      primaryKeyFields,
    }),
  ).toMatchObject({
    ...at("title"),
    message: "export Pages lacks title and more, which the value of target table needs",
  });
  expect(problem(pageTarget(key, z.object({ html: z.string() })), { primaryKeyFields })).toMatchObject({
    ...at("language"),
    message: "export Pages has language, which is no field of the value of target table",
  });
  expect(
    problem(pageTarget(key, z.object({ ...all.shape, language: z.string() })), { primaryKeyFields }),
  ).toMatchObject({
    ...at("language"),
    message: "export Pages collects language as string?, but the value of target table takes string",
  });
  expect(problem(targetOf({ value: z.string() }), { primaryKeyFields })).toMatchObject({
    code: "schema-unsupported",
    message: "the value of target table must be a struct, not string",
    where: place,
  });
  expect(problem(targetOf({ value }), { primaryKeyFields })).toMatchObject({
    code: "schema-unsupported",
    where: place,
  });
});

test("a target that fits, whose optional fields may be left out", () => {
  const definition = build((flow) => {
    const out = flow.addCollector<{ id: string; html: string }>();
    addFiles(flow).forEachRow((doc) => out.collect({ html: doc.content, id: generatedUuid() }));
    const target = targetOf({
      key: z.object({ id: z.string() }),
      value: z.object({ html: z.string(), note: z.string().optional() }),
    });
    out.export("Pages", target, { primaryKeyFields: ["id"] });
    out.export("Anything", targetOf(), { primaryKeyFields: ["id", "html"] });
    out.export("Key", targetOf({ key: z.object({ html: z.string() }) }), { primaryKeyFields: ["html"] });
  });
  expect(definition.exports.map(({ name }) => name)).toEqual(["Pages", "Anything", "Key"]);
});

test("a key that is a single value takes one primary key field of its type", () => {
  const single = targetOf({ key: z.string() });
  expect(build(exported(single, { primaryKeyFields: ["filename"] })).exports).toHaveLength(1);
  expect(problem(single, { primaryKeyFields: ["filename", "html"] })).toMatchObject({
    code: "export-invalid",
    message:
      "export Pages has the primary key fields filename and html, but the key of target table is a single string",
    where: { ...place, step: "html" },
  });
  expect(problem(targetOf({ key: uuid() }), { primaryKeyFields: ["filename"] })).toMatchObject({
    code: "export-invalid",
    message: "export Pages collects filename as string, but the key of target table takes uuid",
  });
});

test("indexes are on fields of the right type", () => {
  expect(withOptions({ vectorIndexes: [{ field: "html", metric: "l2" }] })).toMatchObject({
    code: "export-invalid",
    message: "export Pages: field html of a vector index is string",
    hint: "Fields that fit: embedding.",
    where: { ...place, step: "html" },
  });
  expect(withOptions({ vectorIndexes: [{ field: "embeding", metric: "l2" }] })).toMatchObject({
    code: "export-invalid",
    message: "export Pages: field embeding of a vector index is not collected",
    hint: "Did you mean embedding? Fields that fit: embedding.",
  });
  expect(withOptions({ ftsIndexes: [{ field: "embedding" }] })).toMatchObject({
    code: "export-invalid",
    message: "export Pages: field embedding of a full-text index is vector<float32, 3>",
  });
  expect(withOptions({ vectorIndexes: [{ field: "embedding", metric: "manhattan" }] })).toMatchObject({
    code: "export-invalid",
    message: 'export Pages has a vector index with the metric "manhattan"',
    hint: "There are cosine, l2 and innerProduct.",
  });
  expect(withOptions({ vectorIndexes: [{ field: "embedding" }] }).code).toBe("export-invalid");
  expect(withOptions({ ftsIndexes: [{}] }).message).toBe("export Pages has an index that names no field");
  expect(withOptions({ ftsIndexes: "html" }).message).toBe("export Pages takes an array for ftsIndexes");
});

test("other options are checked", () => {
  expect(withOptions({ onDuplicateKey: "last" }).message).toBe(
    'export Pages takes "first" or "error" for onDuplicateKey, not last',
  );
  expect(withOptions({ setupByUser: "yes" }).message).toBe(
    "export Pages takes true or false for setupByUser",
  );
  expect(withOptions({ attachments: [() => 1] })).toMatchObject({ code: "export-invalid", where: place });
  expect(withOptions({ primaryKey: ["filename"] })).toMatchObject({
    code: "option-invalid",
    message: "export Pages has no option primaryKey",
  });
});

test("an export needs a target and entries", () => {
  for (const wrong of [undefined, () => targetOf(), {}])
    expect(problem(wrong, { primaryKeyFields: ["filename"] })).toMatchObject({
      code: "export-invalid",
      message: "export Pages was given no target",
      where: place,
    });
  const empty = mistake((flow) => {
    addFiles(flow);
    flow.addCollector<{ a: string }>().export("Pages", targetOf(), { primaryKeyFields: ["a"] });
  });
  expect(empty).toMatchObject({
    code: "export-invalid",
    message: "nothing is ever collected for export Pages",
    where: place,
  });
});
