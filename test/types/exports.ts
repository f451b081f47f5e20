// Collectors and exports, with the mistakes that must not compile. Checked by `tsc`, never run.
import { z } from "zod";
import { type Collector, type FlowBuilder, generatedUuid, type Slice } from "../../src/flow/index.ts";
import { type JsonValue, range, type Uuid, uuid } from "../../src/values/index.ts";
import { targetOf } from "../flow-examples.ts";

declare const flow: FlowBuilder;
declare const text: Slice<string>;
declare const maybe: Slice<string | null>;

// Entries hold exactly the fields, as slices or constants.
interface Page {
  id: string;
  html: string;
  note?: string;
  language: string | null;
  size: number;
}
const pages = flow.addCollector<Page>();
pages.collect({ id: text, html: "x", note: text, language: maybe, size: 3 });
pages.collect({ id: "x", html: text, note: "x", language: null, size: {} as Slice<number> });
// @ts-expect-error size is missing
pages.collect({ id: text, html: text, note: text, language: text });
// @ts-expect-error note too must be given by every entry
pages.collect({ id: text, html: text, language: text, size: 1 });
// @ts-expect-error may be null
pages.collect({ id: maybe, html: text, note: text, language: text, size: 1 });
// @ts-expect-error another type
pages.collect({ id: text, html: 3, note: text, language: text, size: 1 });
// @ts-expect-error no such field
pages.collect({ id: text, html: text, note: text, language: text, size: 1, more: 1 });
// @ts-expect-error what it holds is not said
flow.addCollector().collect({ a: 1 });

// Values that are not flat.
const deep = flow.addCollector<{
  location: [number, number];
  data: JsonValue;
  tags: { tag: string }[];
  v: Float32Array;
}>();
deep.collect({ location: [1, 2], data: { a: [1] }, tags: [{ tag: "x" }], v: new Float32Array(2) });
deep.collect({
  location: {} as Slice<[number, number]>,
  data: text,
  tags: {} as Slice<{ tag: string }[]>,
  v: {} as Slice<Float32Array>,
});
// @ts-expect-error a slice inside another value
deep.collect({ location: [1, 2], data: {}, tags: [{ tag: text }], v: new Float32Array(2) });

// Generated ids go where an id fits.
declare const ids: Collector<{ a: string; b: Uuid; c: string | null; d: JsonValue }>;
ids.collect({ a: generatedUuid(), b: generatedUuid(), c: generatedUuid(), d: generatedUuid() });
declare const numbered: Collector<{ n: number; kind: "a" | "b"; brand: string & z.core.$brand<"DocId"> }>;
// @ts-expect-error a number is no id
numbered.collect({ n: generatedUuid(), kind: "a", brand: {} as Slice<string & z.core.$brand<"DocId">> });
// @ts-expect-error an enum is no id
numbered.collect({ n: 1, kind: generatedUuid(), brand: {} as Slice<string & z.core.$brand<"DocId">> });
// @ts-expect-error another kind of text is no id
numbered.collect({ n: 1, kind: "a", brand: generatedUuid() });

// Exports: primary keys.
declare const out: Collector<{
  id: string;
  html: string;
  page: number;
  note: string | null;
  v: Float32Array;
}>;
const anything = targetOf();
out.export("A", anything, { primaryKeyFields: ["id"] });
out.export("A", anything, {
  primaryKeyFields: ["id", "page"],
  setupByUser: true,
  onDuplicateKey: "error",
  attachments: [{ a: 1 }],
  renamedFrom: "B",
});
// @ts-expect-error needed
out.export("A", anything, {});
// @ts-expect-error needed
out.export("A", anything);
// @ts-expect-error one at least
out.export("A", anything, { primaryKeyFields: [] });
// @ts-expect-error no such field
out.export("A", anything, { primaryKeyFields: ["ID"] });
// @ts-expect-error may be null
out.export("A", anything, { primaryKeyFields: ["note"] });
// @ts-expect-error may be null
out.export("A", anything, { primaryKeyFields: ["id", "note"] });
// @ts-expect-error no such choice
out.export("A", anything, { primaryKeyFields: ["id"], onDuplicateKey: "last" });
// @ts-expect-error no such option
out.export("A", anything, { primaryKeyFields: ["id"], primaryKey: "id" });
// @ts-expect-error a target is called with its spec
out.export("A", targetOf, { primaryKeyFields: ["id"] });

// Exports: exactly the fields of the target, in its types.
declare const html: Collector<{ id: string; html: string }>;
const key = z.object({ id: z.string() });
const value = z.object({ html: z.string() });
html.export("A", targetOf({ key, value }), { primaryKeyFields: ["id"] });
html.export("A", targetOf({ key }), { primaryKeyFields: ["id"] });
html.export("A", targetOf({ value }), { primaryKeyFields: ["id"] });
html.export(
  "A",
  targetOf({ value: z.object({ html: z.string().nullable(), note: z.string().optional() }) }),
  { primaryKeyFields: ["id"] },
);
// @ts-expect-error the key needs page
html.export("A", targetOf({ key: z.object({ id: z.string(), page: z.int() }), value }), {
  primaryKeyFields: ["id"],
});
// @ts-expect-error html is no field of the key
html.export("A", targetOf({ key }), { primaryKeyFields: ["id", "html"] });
// @ts-expect-error another field is the key
html.export("A", targetOf({ key }), { primaryKeyFields: ["html"] });
// @ts-expect-error the key's id is a number
html.export("A", targetOf({ key: z.object({ id: z.number() }) }), { primaryKeyFields: ["id"] });
// @ts-expect-error the value needs title
html.export("A", targetOf({ value: z.object({ html: z.string(), title: z.string() }) }), {
  primaryKeyFields: ["id"],
});
// @ts-expect-error the value has no html
html.export("A", targetOf({ value: z.object({ note: z.string().optional() }) }), {
  primaryKeyFields: ["id"],
});
// @ts-expect-error the value's html is a number
html.export("A", targetOf({ value: z.object({ html: z.number() }) }), { primaryKeyFields: ["id"] });
declare const nullable: Collector<{ id: string; html: string | null }>;
// @ts-expect-error the value's html is never null
nullable.export("A", targetOf({ value }), { primaryKeyFields: ["id"] });

// Exports: a key that is a single value.
html.export("A", targetOf({ key: z.string() }), { primaryKeyFields: ["id"] });
// @ts-expect-error one field only
html.export("A", targetOf({ key: z.string() }), { primaryKeyFields: ["id", "html"] });
// @ts-expect-error another type
html.export("A", targetOf({ key: z.number() }), { primaryKeyFields: ["id"] });
// @ts-expect-error any text is no uuid
html.export("A", targetOf({ key: uuid() }), { primaryKeyFields: ["id"] });
declare const located: Collector<{ at: [number, number]; text: string }>;
located.export("A", targetOf({ key: range() }), { primaryKeyFields: ["at"] });

// Exports: indexes.
out.export("A", anything, {
  primaryKeyFields: ["id"],
  vectorIndexes: [{ field: "v", metric: "cosine", method: { kind: "hnsw", m: 16 } }],
  ftsIndexes: [{ field: "html" }, { field: "note", parameters: { language: "english" } }, { field: "id" }],
});
// @ts-expect-error a text is no vector
out.export("A", anything, { primaryKeyFields: ["id"], vectorIndexes: [{ field: "html", metric: "l2" }] });
// @ts-expect-error no such metric
out.export("A", anything, { primaryKeyFields: ["id"], vectorIndexes: [{ field: "v", metric: "manhattan" }] });
// @ts-expect-error the metric is missing
out.export("A", anything, { primaryKeyFields: ["id"], vectorIndexes: [{ field: "v" }] });
// @ts-expect-error a vector is no text
out.export("A", anything, { primaryKeyFields: ["id"], ftsIndexes: [{ field: "v" }] });
// @ts-expect-error there is no vector
html.export("A", anything, { primaryKeyFields: ["id"], vectorIndexes: [{ field: "html", metric: "l2" }] });
