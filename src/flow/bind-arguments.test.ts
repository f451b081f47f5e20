import { expect, test } from "vitest";
import { z } from "zod";
import {
  addFiles,
  build,
  double,
  files,
  join,
  mistake,
  mistakeInRow,
  sourceOf,
  split,
  upper,
} from "../../test/flow-examples.ts";
import { defineFunction } from "../contracts/define-function.ts";
import type { FunctionUse, Inputs } from "../contracts/function.ts";
import type { ValueSchema } from "../contracts/schema.ts";
import { date, uuid, vector } from "../values/index.ts";
import type { CallStep, FlowBuilder } from "./index.ts";

function fn<const I extends Inputs>(input: I): FunctionUse<I, z.ZodString> {
  return defineFunction({ name: "fn", input, output: z.string(), run: () => "" });
}

function call(body: (flow: FlowBuilder) => void): CallStep {
  const step = build(body).sources[0]!.scope.steps[0]!;
  if (step.kind !== "call") throw new Error("no call");
  return step;
}

type Doc = Parameters<Parameters<ReturnType<typeof addFiles>["forEachRow"]>[0]>[0];
const callInRow = (body: (doc: Doc) => void) => call((flow) => addFiles(flow).forEachRow(body));
const summary = (step: CallStep) =>
  step.arguments.map(({ name, value, skipOnNull }) => [
    name,
    value.kind === "slot" ? value.path.join(".") : value.value,
    skipOnNull,
  ]);

const string = { kind: "string", nullable: false };

test("the slice fills the one required input that is left", () => {
  expect(summary(callInRow((doc) => doc.content.transform(join, { left: doc.filename })))).toEqual([
    ["left", "filename", true],
    ["right", "content", true],
    ["between", " ", true],
  ]);
  expect(
    summary(callInRow((doc) => doc.content.transform(join, { right: "x", between: doc.filename }))),
  ).toEqual([
    ["left", "content", true],
    ["right", "x", true],
    ["between", "filename", true],
  ]);
});

test("or the last input, where none is required", () => {
  expect(summary(callInRow((doc) => doc.content.transform(split({ size: 1 }), { text: "x" })))).toEqual([
    ["text", "x", true],
    ["language", "content", true],
  ]);
  expect(summary(callInRow((doc) => doc.content.transform(fn({ a: z.string().optional() }))))).toEqual([
    ["a", "content", true],
  ]);
});

test("an undefined argument is as if left out", () => {
  expect(
    summary(callInRow((doc) => doc.content.transform(split({ size: 1 }), { language: undefined }))),
  ).toEqual([["text", "content", true]]);
});

test("no input left, or several, is a mistake", () => {
  const none = mistakeInRow((doc) => {
    // @ts-expect-error every input is given
    doc.content.transform(upper, { text: "x" });
  });
  expect(none).toMatchObject({
    code: "argument-invalid",
    message: "function upper has no input left for documents.content: every one is given by name",
    where: { flow: "Docs", source: "documents", step: "upper" },
  });
  const several = mistakeInRow((doc) => {
    // @ts-expect-error left and right are open
    doc.content.transform(join);
  });
  expect(several).toMatchObject({
    code: "argument-invalid",
    message: "function join leaves it open which of left and right takes documents.content",
    hint: "Give all but one of them by name.",
  });
  const optional = mistakeInRow((doc) => {
    // @ts-expect-error a and b are open
    doc.content.transform(fn({ a: z.string().optional(), b: z.string().default("x") }));
  });
  expect(optional.message).toBe("function fn leaves it open which of a and b takes documents.content");
});

test("an unknown argument is a mistake that lists the inputs", () => {
  const error = mistakeInRow((doc) => {
    // @ts-expect-error no such input
    doc.content.transform(join, { left: "x", betwen: "-" });
  });
  expect(error).toMatchObject({
    code: "argument-invalid",
    message: "function join has no input betwen",
    hint: "Did you mean between? It has left, right and between.",
  });
});

test("arguments have names", () => {
  for (const given of ["x", ["x"], null]) {
    const error = mistakeInRow((doc) => doc.content.transform(join as never, given as never));
    expect(error).toMatchObject({
      code: "argument-invalid",
      message: "function join was given arguments without names",
    });
  }
  expect(mistakeInRow((doc) => doc.content.transform(join as never, doc.filename as never)).message).toBe(
    "function join was given arguments without names",
  );
});

test("a slice must be of the input's type; the message names both", () => {
  const error = mistakeInRow((doc) => {
    // @ts-expect-error a text is no number
    doc.content.transform(double);
  });
  expect(error).toMatchObject({
    code: "argument-invalid",
    message: "function double takes int for n, but documents.content is string",
    where: { flow: "Docs", source: "documents", step: "double" },
  });
  const deep = mistakeInRow((doc) => {
    // @ts-expect-error no number in it
    doc.tags.transform(fn({ rows: z.array(z.object({ tag: z.int() })) }));
  });
  expect(deep).toMatchObject({
    message: "function fn takes table<{ tag: int }> for rows, but documents.tags is table<{ tag: string }>",
    hint: "Here [].tag is string, but int is wanted.",
  });
});

test("what TypeScript cannot tell apart is told apart here", () => {
  const rows = sourceOf(z.string(), z.object({ number: z.number(), vector: vector(2), text: z.string() }));
  type Row = Parameters<Parameters<ReturnType<typeof add>["forEachRow"]>[0]>[0];
  const add = (flow: FlowBuilder) => flow.addSource("rows", rows);
  const message = (body: (row: Row) => unknown) =>
    mistake((flow) => add(flow).forEachRow((row) => void body(row))).message;
  expect(message((row) => row.number.transform(double))).toBe(
    "function double takes int for n, but rows.number is float64",
  );
  expect(message((row) => row.vector.transform(fn({ v: vector(3) })))).toBe(
    "function fn takes vector<float32, 3> for v, but rows.vector is vector<float32, 2>",
  );
  expect(message((row) => row.text.transform(fn({ id: uuid() })))).toBe(
    "function fn takes uuid for id, but rows.text is string",
  );
});

test("a null skips the call where the input takes none, and the result may then be null", () => {
  const skipping = callInRow((doc) => doc.language.transform(upper));
  expect(skipping.arguments[0]!.skipOnNull).toBe(true);
  expect(skipping.type).toEqual({ ...string, nullable: true });
  const byName = callInRow((doc) => doc.content.transform(join, { left: doc.language }));
  expect(byName.type).toEqual({ ...string, nullable: true });
  const optional = callInRow((doc) => doc.content.transform(split({ size: 1 }), { language: doc.language }));
  expect(optional.type.nullable).toBe(true);
  const taking = callInRow((doc) => doc.language.transform(fn({ a: z.string().nullable() })));
  expect(taking.arguments[0]!.skipOnNull).toBe(false);
  expect(taking.type).toEqual(string);
  const neverNull = callInRow((doc) => doc.content.transform(upper));
  expect(neverNull.arguments[0]!.skipOnNull).toBe(true);
  expect(neverNull.type).toEqual(string);
});

test("constants are parsed by the input's schema and made canonical", () => {
  const on = date();
  const step = callInRow((doc) =>
    doc.content.transform(
      fn({ text: z.string(), on, trimmed: z.string().trim(), v: vector(2), nothing: z.string().nullable() }),
      {
        on: "2024-02-29",
        trimmed: " x ",
        v: [1, 2],
        nothing: null,
      },
    ),
  );
  expect(step.arguments.slice(1)).toEqual([
    {
      name: "on",
      skipOnNull: true,
      value: { kind: "constant", value: "2024-02-29", type: { kind: "date", nullable: false } },
    },
    { name: "trimmed", skipOnNull: true, value: { kind: "constant", value: "x", type: string } },
    {
      name: "v",
      skipOnNull: true,
      value: {
        kind: "constant",
        value: new Float32Array([1, 2]),
        type: { kind: "vector", element: "float32", dimension: 2, nullable: false },
      },
    },
    {
      name: "nothing",
      skipOnNull: false,
      value: { kind: "constant", value: null, type: { ...string, nullable: true } },
    },
  ]);
});

test("a constant that does not fit is a mistake", () => {
  const error = mistakeInRow((doc) => {
    // @ts-expect-error no text
    doc.content.transform(join, { left: 3 });
  });
  expect(error).toMatchObject({ code: "argument-invalid", where: { step: "join" } });
  expect(error.message).toMatch(/^function join takes no such constant for left: .*string/);
  const nothing = mistakeInRow((doc) => {
    // @ts-expect-error not nullable
    doc.content.transform(join, { left: null });
  });
  expect(nothing.message).toMatch(/^function join takes no such constant for left: /);
  const checked = z.string().refine(async () => true);
  expect(
    mistakeInRow((doc) => doc.content.transform(fn({ a: z.string(), b: checked }), { b: "x" })).message,
  ).toMatch(/^function fn cannot check the constant for b when the flow is defined: /);
});

test("defaults are arguments like others, so that giving one changes nothing", () => {
  const given = callInRow((doc) => doc.content.transform(join, { left: "x", between: " " }));
  const left = callInRow((doc) => doc.content.transform(join, { left: "x" }));
  expect(given).toEqual(left);
});

test("a slice inside another value, a row and a source are no arguments", () => {
  const inside = mistakeInRow((doc) =>
    doc.content.transform(fn({ a: z.string(), b: z.array(z.string()) }), { b: [doc.filename] as never }),
  );
  expect(inside).toMatchObject({
    code: "argument-invalid",
    message: "function fn was given a slice inside another value for b",
    hint: "Give the slice itself, or make the object or array in a function.",
  });
  const row = mistakeInRow((doc) => doc.content.transform(join, { left: doc as never }));
  expect(row.message).toBe("function join was given a row of documents for left");
  const source = mistake((flow) => {
    const documents = addFiles(flow);
    documents.forEachRow((doc) => {
      doc.content.transform(join, { left: documents as never });
    });
  });
  expect(source.message).toBe("function join was given source documents for left");
});

test("transform takes a function of a flow, called with its spec where it has one", () => {
  const factory = mistakeInRow((doc) => {
    // @ts-expect-error its spec is missing
    doc.content.transform(split);
  });
  expect(factory).toMatchObject({
    code: "argument-invalid",
    message: "transform of documents.content was given no function of a flow",
  });
  expect(factory.hint).toContain("transform(fn({ … }))");
  for (const wrong of [undefined, null, "upper", {}, files])
    expect(mistakeInRow((doc) => doc.content.transform(wrong as never)).code).toBe("argument-invalid");
  expect(mistakeInRow((doc) => doc.content.transform(doc.filename as never)).code).toBe("argument-invalid");
});

test("a schema without a type is reported at the step that uses it", () => {
  const unsupported = (input: ValueSchema, output: ValueSchema) =>
    mistakeInRow((doc) =>
      doc.content.transform(
        defineFunction({ name: "odd", input: { a: input }, output, run: () => undefined as never }) as never,
      ),
    );
  expect(unsupported(z.map(z.string(), z.string()), z.string())).toMatchObject({
    code: "schema-unsupported",
    message: expect.stringContaining("input a of function odd"),
    where: { flow: "Docs", source: "documents", step: "odd" },
  });
  expect(unsupported(z.string(), z.symbol())).toMatchObject({
    code: "schema-unsupported",
    message: expect.stringContaining("the output of function odd"),
  });
});
