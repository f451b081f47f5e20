import { inspect } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  addFiles,
  build,
  mistake,
  mistakeInRow,
  sourceOf,
  split,
  stepTexts,
  upper,
} from "../../test/flow-examples.ts";
import { defineFunction } from "../contracts/define-function.ts";

const odd = sourceOf(
  z.string(),
  z.object({
    transform: z.string(),
    set: z.string(),
    // biome-ignore lint/suspicious/noThenProperty: a field of this name is what is tested
    then: z.string(),
    toJSON: z.string(),
    constructor: z.string(),
    length: z.string(),
    inner: z.object({ field: z.string(), forEachRow: z.string() }),
  }),
);

test("fields are properties, and field() finds the same", () => {
  const definition = build((flow) => {
    addFiles(flow).forEachRow((doc) => {
      doc.set("a", doc.meta.title);
      doc.set("b", doc.field("meta").field("title"));
    });
  });
  expect(stepTexts(definition.sources[0]!.scope)).toEqual(["a = 0.meta.title", "b = 0.meta.title"]);
});

test("a field is nullable where it may be absent or its struct may be null", () => {
  const definition = build((flow) => {
    addFiles(flow).forEachRow((doc) => {
      doc.set("title", doc.meta.title);
      doc.set("pages", doc.meta.pages);
      doc.set("name", doc.filename);
    });
  });
  const types = definition.sources[0]!.scope.steps.map((step) => step.kind === "name" && step.value.type);
  expect(types).toEqual([
    { kind: "string", nullable: true },
    { kind: "int", nullable: true },
    { kind: "string", nullable: false },
  ]);
});

test("fields whose names have a meaning of their own are reached with field()", () => {
  const definition = build((flow) => {
    flow.addSource("odd", odd).forEachRow((row) => {
      for (const name of ["transform", "set", "then", "toJSON", "constructor"] as const)
        row.set(`_${name}`, row.field(name));
      row.set("_length", row.length);
      row.set("_field", row.inner.field("field"));
      row.set("_key", row.key);
    });
  });
  expect(stepTexts(definition.sources[0]!.scope)).toEqual([
    "_transform = 0.transform",
    "_set = 0.set",
    "_then = 0.then",
    "_toJSON = 0.toJSON",
    "_constructor = 0.constructor",
    "_length = 0.length",
    "_field = 0.inner.field",
    "_key = 0.key",
  ]);
  const error = mistake((flow) =>
    flow.addSource("odd", odd).forEachRow((row) => {
      // @ts-expect-error not a property
      row.transform;
    }),
  );
  expect(error).toMatchObject({ code: "field-unknown", message: "a row of odd has no field transform" });
  expect(error.hint).toBe('Say .field("transform"): the name has a meaning of its own.');
});

test("an unknown field of a row is named, with the likely one", () => {
  const error = mistakeInRow((doc) => {
    // @ts-expect-error unknown field
    doc.contnet;
  });
  expect(error).toMatchObject({
    code: "field-unknown",
    message: "a row of documents has no field contnet",
    hint: "Did you mean content? It has filename, content, language, meta and tags.",
    where: { flow: "Docs", source: "documents" },
  });
});

test("an unknown field of a struct, of a table's row, of a table and of a text", () => {
  const struct = mistakeInRow((doc) => doc.meta.field("titel" as "title"));
  expect(struct).toMatchObject({
    code: "field-unknown",
    message: "documents.meta has no field titel",
    hint: "Did you mean title? It has title and pages.",
    where: { source: "documents", step: "documents.meta" },
  });
  const row = mistakeInRow((doc) =>
    doc.content.transform(split({ size: 1 })).forEachRow((part) => part.field("txt" as "text")),
  );
  expect(row).toMatchObject({
    message: "a row of split(…) has no field txt",
    where: { source: "documents", step: "split(…)" },
  });
  const table = mistakeInRow((doc) => {
    // @ts-expect-error a table has no fields
    doc.tags.tag;
  });
  expect(table).toMatchObject({
    message: "documents.tags has no field tag: it is table<{ tag: string }>",
    hint: "Did you mean tag? Go through its rows with forEachRow; they have tag.",
  });
  const text = mistakeInRow((doc) => {
    // @ts-expect-error a text has no fields
    doc.content.length;
    // @ts-expect-error nor this one
    doc.content.size;
  });
  expect(text).toMatchObject({
    message: "documents.content has no field size: it is string",
    hint: "Only a struct has fields.",
  });
});

test("a source has no fields, is no value and no argument", () => {
  const field = mistake((flow) => {
    // @ts-expect-error a source has no fields
    addFiles(flow).content;
  });
  expect(field).toMatchObject({
    code: "field-unknown",
    message: "source documents has no field content",
    where: { source: "documents" },
  });
  const all = defineFunction({
    name: "all",
    input: { rows: z.array(z.object({ filename: z.string() })) },
    output: z.int(),
    run: () => 1,
  });
  const value = mistake((flow) => {
    // @ts-expect-error a source is no value
    addFiles(flow).transform(all);
  });
  expect(value).toMatchObject({
    code: "scope-invalid",
    message: "the rows of source documents were used as a value",
  });
});

test("only a table has rows", () => {
  const error = mistakeInRow((doc) => {
    // @ts-expect-error no rows
    doc.content.forEachRow(() => {});
  });
  expect(error).toMatchObject({
    code: "field-unknown",
    message: "documents.content has no rows: it is string",
  });
});

test("slices can be awaited, printed, compared and serialised without harm", async () => {
  const seen: unknown[] = [];
  build((flow) => {
    const documents = addFiles(flow);
    documents.forEachRow((doc) => {
      seen.push(documents, doc, doc.content, doc.meta, doc.tags);
    });
  });
  for (const thing of seen) {
    expect(await thing).toBe(thing);
    expect(() => JSON.stringify(thing)).not.toThrow();
    expect(() => Object.prototype.toString.call(thing)).not.toThrow();
    expect((thing as object).constructor).toBe(Object);
    expect(thing).toEqual(thing);
  }
  expect(seen.map((thing) => inspect(thing))).toEqual([
    "Source(documents)",
    expect.stringMatching(/^Row\(documents: \{ filename: string, /),
    "Slice(documents.content: string)",
    "Slice(documents.meta: { title: string, pages?: int }?)",
    "Slice(documents.tags: table<{ tag: string }>)",
  ]);
});

test("a slice in a text is a mistake that says so", () => {
  const error = mistakeInRow((doc) => `${doc.filename as unknown as string}.html`);
  expect(error).toMatchObject({
    code: "scope-invalid",
    message: "documents.filename was used as a value, but has none yet",
    where: { flow: "Docs", source: "documents", step: "documents.filename" },
  });
  expect(error.hint).toContain("transform");
  expect(mistakeInRow((doc) => (doc as unknown as number) + 1).message).toBe(
    "a row of documents was used as a value, but has none yet",
  );
  expect(mistakeInRow((doc) => doc.content.toString()).code).toBe("scope-invalid");
});

test("the fields of a row can be spread, asked for and not set", () => {
  build((flow) => {
    const out = flow.addCollector<{ tag: string; html: string }>();
    addFiles(flow).forEachRow((doc) => {
      doc.tags.forEachRow((tag) => out.collect({ ...tag, html: tag.tag.transform(upper) }));
      expect(Object.keys(doc)).toEqual(["filename", "content", "language", "meta", "tags"]);
      expect("content" in doc && !("nothing" in doc)).toBe(true);
      expect(() => Object.assign(doc, { content: doc.filename })).toThrow(TypeError);
    });
  });
});
