// The uses that the public API was designed with, and mistakes that must not compile. Checked by `tsc`, never run.
import { z } from "zod";
import { defineFunction } from "../../src/contracts/define-function.ts";
import { defineTarget } from "../../src/contracts/define-target.ts";
import type { FlowBuilder, Slice } from "../../src/flow/index.ts";
import { vector } from "../../src/values/index.ts";
import { sourceOf } from "../flow-examples.ts";

declare const flow: FlowBuilder;

const localFiles = sourceOf(z.object({ filename: z.string() }), z.object({ content: z.string() }));
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
  getPersistentKey: (spec, name) => spec.url + name,
  applySetupChange() {},
  prepare: async (spec) => ({ conn: 1, url: spec.url }),
  mutate(batches) {
    for (const batch of batches) batch.target.conn.toFixed();
  },
});

const documents = flow.addSource("documents", localFiles, { refreshInterval: "5s" });
const out = flow.addCollector<{ filename: string; html: string }>();
const chunks = flow.addCollector<{
  filename: string;
  location: [number, number];
  text: string;
  embedding: Float32Array;
}>();
documents.forEachRow((doc) => {
  const html = doc.set("html", doc.content.transform(md));
  out.collect({ filename: doc.filename, html });
  doc.content.transform(split, { chunkSize: 3 }).forEachRow((c) => {
    const embedding = c.text.transform(embed);
    chunks.collect({ filename: doc.filename, location: c.location, text: c.text, embedding });
  });
  const n: Slice<string | null> = doc.content.transform(maybe);
  const m = n.transform(md);
  const mm: Slice<string | null> = m;
  // @ts-expect-error nullable does not go into a non-null collector field
  out.collect({ filename: doc.filename, html: mm });
  // @ts-expect-error chunkSize is open too
  doc.content.transform(split);
  // @ts-expect-error a string is no number
  doc.content.transform(len);
  // @ts-expect-error every input given
  doc.content.transform(md, { text: "x" });
  // @ts-expect-error unknown field
  doc.contents;
  // @ts-expect-error wrong field
  out.collect({ filename: doc.filename, htm: html });
});
out.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["filename"] });
chunks.export("C", prepared({ url: "" }), { primaryKeyFields: ["filename", "location"] });
// @ts-expect-error not a field
out.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["nope"] });
// @ts-expect-error the target wants filename as its key
out.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["html"] });
// @ts-expect-error the target does not take these fields
chunks.export("O", htmlFiles({ directory: "x" }), { primaryKeyFields: ["filename"] });
