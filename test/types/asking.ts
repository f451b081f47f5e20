// Transform flows and query handlers, with the mistakes that must not compile. Checked by `tsc`, never run.
import { z } from "zod";
import type { TableSlice } from "../../src/flow/index.ts";
import { defineTransformFlow, type Flow, type InputSlices, type Slice, vector } from "../../src/index.ts";
import { double, embed, join, split, upper } from "../flow-examples.ts";
import { holds, type Same } from "./same-type.ts";

declare const text: Slice<string>;
declare const maybe: Slice<string | null>;
declare const numbers: Slice<number>;
declare const flow: Flow;

const shout = defineTransformFlow("shout", { input: { text: z.string() } }, (inputs) => {
  holds<Same<typeof inputs.text, Slice<string>>>();
  return inputs.text.transform(upper);
});
const joined = defineTransformFlow(
  "joined",
  { input: { left: z.string(), right: z.string().nullable(), between: z.string().default("-") } },
  ({ left, right, between }) => {
    holds<Same<typeof right, Slice<string | null>>>();
    holds<Same<typeof between, Slice<string>>>();
    return left.transform(join, { right, between });
  },
);
const toVector = defineTransformFlow("toVector", { input: { text: z.string() } }, ({ text }) =>
  text.transform(shout).transform(embed),
);
const chunked = defineTransformFlow("chunked", { input: { text: z.string() } }, ({ text }) =>
  text.transform(split({ size: 3 })),
);

// It is taken in as a function is called.
const shouted = text.transform(shout);
holds<Same<typeof shouted, Slice<string>>>();
const skipped = maybe.transform(shout);
holds<Same<typeof skipped, Slice<string | null>>>();
const both = text.transform(joined, { right: maybe });
holds<Same<typeof both, Slice<string | null>>>();
text.transform(joined, { right: "x", between: text });
const parts = text.transform(chunked);
holds<Same<typeof parts, TableSlice<{ location: [number, number]; text: string }>>>();
parts.forEachRow((part) => part.text.transform(toVector));
// @ts-expect-error a number is no text
numbers.transform(shout);
// @ts-expect-error left and right are open
text.transform(joined);
// @ts-expect-error no such input
text.transform(joined, { right: "x", betwen: "-" });
// @ts-expect-error a number is no text
text.transform(joined, { right: 1 });
// @ts-expect-error what it yields is a text
text.transform(shout).transform(double);

// Evaluated, it takes the value of its one input, or several by name, and yields the slice's value.
const evaluated = toVector.eval("text", { signal: new AbortController().signal });
holds<Same<typeof evaluated, Promise<Float32Array>>>();
const many = joined.evalMany([
  { left: "a", right: null },
  { left: "a", right: "b", between: "c" },
]);
holds<Same<typeof many, Promise<(string | null)[]>>>();
// @ts-expect-error a number is no text
shout.eval(1);
// @ts-expect-error text takes no null
shout.eval(null);
// @ts-expect-error of one input the value alone
shout.eval({ text: "x" });
// @ts-expect-error right is missing
joined.eval({ left: "a" });
// @ts-expect-error no such input
joined.eval({ left: "a", right: "b", betwen: "c" });
// @ts-expect-error several inputs go by name
joined.eval("a");

// @ts-expect-error a body yields a slice
defineTransformFlow("none", { input: { text: z.string() } }, () => "text");
// @ts-expect-error it runs when the flow is defined
defineTransformFlow("late", { input: { text: z.string() } }, async ({ text }) => text.transform(upper));
// @ts-expect-error an unknown input
defineTransformFlow("typo", { input: { text: z.string() } }, ({ txet }) => txet);
// @ts-expect-error the input is no number
defineTransformFlow("wrong", { input: { text: z.string() } }, ({ text }) => text.transform(double));
defineTransformFlow(
  "like",
  { input: { like: vector(3) } },
  (inputs: InputSlices<{ like: z.ZodType<Float32Array> }>) => inputs.like,
);

// Rows of a handler are inferred; the fields that mean something are among theirs.
flow.addQueryHandler({
  name: "search",
  async handler(query, { signal, limit }) {
    holds<Same<typeof query, string>>();
    holds<Same<typeof limit, number | null>>();
    const embedding = await toVector.eval(query, { signal });
    return {
      results: [{ text: "a", score: 1, embedding }],
      queryInfo: { embedding, similarityMetric: "cosine" },
    };
  },
  resultFields: { score: "score", text: "text", embedding: ["embedding"] },
});
flow.addQueryHandler({ name: "rows", handler: () => [{ score: 1 }], resultFields: { score: "score" } });
flow.addQueryHandler({
  name: "typo",
  handler: () => [{ score: 1 }],
  // @ts-expect-error no field of a row
  resultFields: { score: "scores" },
});
// @ts-expect-error rows are objects
flow.addQueryHandler({ name: "texts", handler: () => ["a"] });
flow.addQueryHandler({
  name: "metric",
  // @ts-expect-error no such metric
  handler: () => ({ results: [], queryInfo: { similarityMetric: "cos" } }),
});
