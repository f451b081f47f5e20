// Calls of functions, with the mistakes that must not compile. Checked by `tsc`, never run.
import { z } from "zod";
import { defineFunction } from "../../src/contracts/define-function.ts";
import type { SourceUse } from "../../src/contracts/source.ts";
import type { FlowBuilder, Slice, SliceOf, TableSlice } from "../../src/flow/index.ts";
import { type JsonValue, json, vector } from "../../src/values/index.ts";
import { addFiles, double, join, split, upper } from "../flow-examples.ts";
import { holds, type Same } from "./same-type.ts";

declare const flow: FlowBuilder;
declare const text: Slice<string>;
declare const maybe: Slice<string | null>;
declare const numbers: Slice<number>;
declare const vectors: Slice<Float32Array>;
declare const mode: Slice<"a" | "b">;
declare const either: Slice<string | number>;

const options = defineFunction({
  name: "options",
  input: {
    mode: z.enum(["a", "b"]),
    range: z.tuple([z.number(), z.number()]),
    exact: z.literal(true).default(true),
    words: z.array(z.string()).optional(),
    rows: z.array(z.object({ kind: z.enum(["x", "y"]) })).optional(),
    brand: z.string().brand<"B">().optional(),
    nullable: z.string().nullable().default("x"),
    data: json().optional(),
    like: vector(3).optional(),
  },
  output: z.number(),
  run: () => 1,
});

const zodJson = defineFunction({
  name: "zodJson",
  input: { mode: z.string(), data: z.json() },
  output: z.string(),
  run: () => "",
});

// The slice fills the required input that is left.
const joined = text.transform(join, { left: text });
holds<Same<typeof joined, Slice<string>>>();
text.transform(join, { right: "x", between: text });
// @ts-expect-error left and right are open
text.transform(join);
// @ts-expect-error left and right are open
text.transform(join, { between: "-" });
// @ts-expect-error none is left
text.transform(join, { left: "a", right: "b", between: "c" });

// Or the last input, where none is required.
text.transform(join, { left: "a", right: "b" });
const anyText = defineFunction({
  name: "anyText",
  input: { a: z.string().optional(), b: z.string().default("x") },
  output: z.string(),
  run: () => "",
});
text.transform(anyText, { a: "x" });
text.transform(anyText, { b: text });
// @ts-expect-error a and b are open
text.transform(anyText);

// An argument of undefined is as if left out, and only an optional input may be.
text.transform(split({ size: 3 }), { language: undefined });
// @ts-expect-error left is required
text.transform(join, { left: undefined, right: "x" }).transform(double);

// Types of slices and constants.
// @ts-expect-error a text is no number
text.transform(double);
// @ts-expect-error a text or number is no text
either.transform(upper);
// @ts-expect-error a number is no text
text.transform(join, { left: numbers });
// @ts-expect-error a number is no text
text.transform(join, { left: 3 });
// @ts-expect-error null is no text
text.transform(join, { left: null });
// @ts-expect-error no such input
text.transform(join, { left: "x", betwen: "-" });
declare const data: JsonValue;
mode.transform(options, { range: [1, 2], data });
mode.transform(zodJson, { data: { a: ["thing", { b: [1] }] } });
// @ts-expect-error a slice inside JSON
mode.transform(zodJson, { data: { a: [text] } });
// @ts-expect-error JSON need not be a text
text.transform(join, { left: data });
// @ts-expect-error a slice inside another value
text.transform(options, { mode: "a", range: [1, 2], words: [text] });

mode.transform(options, {
  range: [1, 2],
  exact: true,
  words: ["a"],
  rows: [{ kind: "x" }],
  brand: "text",
  nullable: null,
  data: { any: ["thing", 1, null] },
  like: [1, 2, 3],
});
const words: string[] = ["a"];
const range: [number, number] = [1, 2];
mode.transform(options, { range, words, nullable: maybe, data: text, like: vectors });
// @ts-expect-error none of the enum
text.transform(options, { mode: "c", range: [1, 2] });
// @ts-expect-error no tuple of numbers
mode.transform(options, { range: [1, "2"] });
// @ts-expect-error no tuple of two
mode.transform(options, { range: [1] });
// @ts-expect-error not the literal
mode.transform(options, { range: [1, 2], exact: false });
// @ts-expect-error a text is none of the enum
text.transform(options, { range: [1, 2] });

// A function with a spec is called with it.
const parts = text.transform(split({ size: 3 }));
holds<Same<typeof parts, TableSlice<{ location: [number, number]; text: string }>>>();
parts.forEachRow((part) => holds<Same<typeof part.location, Slice<[number, number]>>>());
// @ts-expect-error its spec is missing
text.transform(split);
// @ts-expect-error another spec
text.transform(split({ size: "3" }));

// Null skips a call whose input takes none, whichever argument it comes with.
const skipped = maybe.transform(upper);
holds<Same<typeof skipped, Slice<string | null>>>();
const byName = text.transform(join, { left: maybe });
holds<Same<typeof byName, Slice<string | null>>>();
const byOptional = text.transform(split({ size: 3 }), { language: maybe });
holds<Same<typeof byOptional, TableSlice<{ location: [number, number]; text: string }, null>>>();
byOptional.forEachRow((part) => part.text);
const taken = mode.transform(options, { range, nullable: maybe });
holds<Same<typeof taken, Slice<number>>>();
const eitherWay = mode.transform(options, {
  range,
  words: Math.random() > 1 ? ["a"] : ({} as Slice<string[] | null>),
});
holds<Same<typeof eitherWay, Slice<number | null>>>();

// Results have the slices of their types.
const structural = defineFunction({
  name: "structural",
  input: { row: z.object({ a: z.string() }) },
  output: z.object({ title: z.string(), tags: z.array(z.object({ tag: z.string() })) }).nullable(),
  run: () => null,
});
declare const row: SliceOf<{ a: string; b: number }>;
const result = row.transform(structural);
holds<Same<typeof result.title, Slice<string | null>>>();
result.tags.forEachRow((tag) => holds<Same<typeof tag.tag, Slice<string>>>());

// A source is no value; its tables are.
const count = defineFunction({
  name: "count",
  input: { rows: z.array(z.object({ tag: z.string() })) },
  output: z.int(),
  run: ({ rows }) => rows.length,
});
addFiles(flow).forEachRow((doc) => doc.tags.transform(count));
declare const source: SourceUse<{ tag: string }>;
const tags = flow.addSource("tags", source);
// @ts-expect-error its rows are never together in one place
tags.transform(count);

const limited = { name: "limited", input: { text: z.string() }, output: z.string(), run: () => "" };
defineFunction({
  ...limited,
  timeout: "5s",
  retry: { attempts: 2, when: (error: unknown) => error instanceof TypeError },
  rateLimit: { calls: 1, per: 1_000 },
});
defineFunction({ ...limited, retry: false });
// @ts-expect-error true says nothing that leaving it out does not
defineFunction({ ...limited, retry: true });
// @ts-expect-error no such option
defineFunction({ ...limited, retry: { attemps: 2 } });
// @ts-expect-error in what time?
defineFunction({ ...limited, rateLimit: { calls: 1 } });
