// Uses of the public types, with the mistakes that must not compile. Checked by `tsc`, never run.
import { z } from "zod";
import { defineFunction } from "../../src/contracts/define-function.ts";
import { defineSource } from "../../src/contracts/define-source.ts";
import { defineTarget } from "../../src/contracts/define-target.ts";
import type { FlowBuilder } from "../../src/flow/flow-builder.ts";
import type { Slice, TableSlice } from "../../src/flow/slice.ts";

declare function vector<const N extends number>(n: N): z.ZodType<Float32Array>;
declare const flow: FlowBuilder;
const localFiles = defineSource({
  kind: "f",
  spec: z.object({ path: z.string() }),
  key: z.object({ filename: z.string() }),
  value: z.object({ content: z.string() }),
  *list() {
    yield [];
  },
  getValue: () => null,
});
const md = defineFunction({
  name: "md",
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => text.toUpperCase(),
});
const split = defineFunction({
  name: "split",
  input: { text: z.string(), chunkSize: z.number(), language: z.string().optional() },
  output: z.array(z.object({ location: z.tuple([z.number(), z.number()]), text: z.string() })),
  run: ({ text, chunkSize }) => [{ location: [0, chunkSize] as [number, number], text }],
});
const embed = defineFunction({
  name: "embed",
  input: { text: z.string() },
  output: vector(384),
  run: () => new Float32Array(384),
});
const len = defineFunction({ name: "len", input: { n: z.number() }, output: z.number(), run: ({ n }) => n });
const maybe = defineFunction({
  name: "maybe",
  input: { text: z.string() },
  output: z.string().nullable(),
  run: () => null,
});
const count = defineFunction({
  name: "count",
  input: { rows: z.array(z.object({ filename: z.string(), content: z.string() })) },
  output: z.string().nullable(),
  run: () => null,
});
const htmlFiles = defineTarget({
  kind: "htmlFiles",
  spec: z.object({ directory: z.string() }),
  key: z.object({ filename: z.string() }),
  value: z.object({ html: z.string() }),
  getPersistentKey: (spec) => spec.directory,
  applySetupChange({ previous, current }) {
    previous?.directory;
    current?.directory;
  },
  mutate(batches) {
    for (const { target, mutations } of batches)
      for (const { key, value } of mutations) {
        target.directory.length;
        key.filename.length;
        value?.html.length;
      }
  },
});
const prepared = defineTarget({
  kind: "db",
  spec: z.object({ url: z.string() }),
  getPersistentKey: (s, n) => s.url + n,
  applySetupChange() {},
  prepare: async (spec) => ({ conn: 1, url: spec.url }),
  mutate(batches) {
    for (const b of batches) {
      b.target.conn.toFixed();
    }
  },
});
const documents = flow.addSource("documents", localFiles({ path: "data" }), { refreshInterval: "5s" });
const t: TableSlice<{ filename: string; content: string }> = documents;
void t;
documents.transform(count);
const out = flow.addCollector<{ filename: string; html: string }>();
const chunks = flow.addCollector<{
  filename: string;
  location: [number, number];
  text: string;
  embedding: Float32Array;
}>();
documents.forEachRow((doc) => {
  const html = doc.set("html", doc.content.transform(md));
  doc.set("content", html);
  out.collect({ filename: doc.filename, html });
  doc.content.transform(split, { chunkSize: 3 }).forEachRow((c) => {
    chunks.collect({
      filename: doc.filename,
      location: c.location,
      text: c.text,
      embedding: c.text.transform(embed),
    });
  });
  const n: Slice<string | null> = doc.content.transform(maybe);
  const m = n.transform(md);
  const mm: Slice<string | null> = m;
  // @ts-expect-error nullable
  const m3: Slice<string> = m;
  void m3;
  out.collect({ filename: doc.filename, html: mm });
  doc.content.transform(split);
  doc.content.transform(len);
  doc.content.transform(md, { text: "x" });
  doc.content.transform(split, { text: doc.filename, chunkSize: 3 });
  doc.content.transform(split, { chunkSize: 3, lang: 3 });
  doc.content.transform(split, { chunkSize: "3" });
  doc.content.transform(split, { chunkSize: doc.content });
  doc.contents;
  out.collect({ filename: doc.filename, htm: html });
});
documents.forEachRow(async (doc) => {
  doc.content;
});
flow.addCollector().collect({ a: 1 });
out.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["filename"] });
chunks.export("C", prepared({ url: "" }), { primaryKeyFields: ["filename", "location"] });
out.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["nope"] });
out.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["html"] });
chunks.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["filename"] });
chunks.export("O", prepared({ url: "x" }), {
  primaryKeyFields: ["filename"],
  vectorIndexes: [{ field: "text", metric: "cosine" }],
});
chunks.export("O", prepared({ url: "x" }), {
  primaryKeyFields: ["filename"],
  vectorIndexes: [{ field: "embedding", metric: "cosine", method: { kind: "hnsw", m: 3 } }],
  ftsIndexes: [{ field: "text" }],
});
const many = defineFunction({
  name: "many",
  input: {
    mode: z.enum(["a", "b"]),
    range: z.tuple([z.number(), z.number()]),
    on: z.literal(true),
    list: z.array(z.string()).optional(),
    rows: z.array(z.object({ a: z.enum(["x", "y"]) })).optional(),
    brand: z.string().brand<"B">().optional(),
    def: z.number().default(3),
    nul: z.string().nullable().default("x"),
  },
  output: z.number(),
  run: () => 1,
});
documents.forEachRow((doc) => {
  const x: Slice<number> = doc.content
    .transform(md)
    .transform(many, { range: [1, 2], on: true, list: ["a"], rows: [{ a: "x" }], brand: "abc", def: 4 });
  doc.filename.transform(many, {
    mode: "a",
    range: [1, 2],
    on: true,
    list: ["a"],
    rows: [{ a: "x" }],
    brand: "abc",
    def: 4,
  });
  doc.filename.transform(many, {
    mode: "a",
    range: [1, 2],
    on: true,
    list: ["a"],
    rows: [{ a: "x" }],
    def: 4,
    nul: doc.filename,
  });
  const y: Slice<number> = doc.filename.transform(many, {
    mode: "c",
    range: [1, "2"],
    on: true,
    list: ["a"],
    rows: [{ a: "x" }],
    def: 4,
    nul: null,
  });
  void x;
  void y;
});
