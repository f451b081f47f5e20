import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  addFiles,
  build,
  double,
  join,
  mistakeInRow,
  split,
  stepTexts,
  upper,
} from "../../test/flow-examples.ts";
import { isSluiceError } from "../errors/index.ts";
import { vector } from "../values/index.ts";
import { buildTransform } from "./build-transform.ts";

// Bodies here are written without types: what the compiler refuses is in test/types/asking.ts.
interface Loose {
  (...given: readonly unknown[]): Loose;
  readonly transform: Loose;
  readonly forEachRow: Loose;
  readonly field: (name: string) => Loose;
}
type LooseInputs = Readonly<Record<"text" | "left" | "right" | "between" | "a" | "b" | "n", Loose>>;
type LooseRow = Readonly<
  Record<"filename" | "content" | "language" | "meta" | "tags" | "tag" | "text", Loose>
>;

function transform(name: string, inputs: unknown, body: unknown) {
  const definition = buildTransform({ name, inputs, body, callSite: null });
  return { kind: "transform-flow", definition, input: definition.inputs } as const;
}

/** A flow that goes through files with this body. */
function through(body: (doc: LooseRow) => unknown) {
  return build((builder) => {
    addFiles(builder).forEachRow((doc: unknown) => void body(doc as LooseRow));
  });
}

function messageOf(body: (doc: LooseRow) => unknown): string {
  return mistakeInRow((doc: unknown) => void body(doc as LooseRow)).message;
}

function refusal(inputs: unknown, body: unknown, name = "toVector") {
  try {
    transform(name, inputs, body);
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    const { code, message, where } = error;
    return { code, message, where };
  }
  throw new Error("it was not refused");
}

const text = { text: z.string() };

describe("a transform flow", () => {
  test("keeps just the calls that its result needs", () => {
    const { definition } = transform("t", text, ({ text }: LooseInputs) => {
      text.transform(split({ size: 2 }));
      return text.transform(upper).transform(join, { right: text });
    });
    expect(definition.steps.map((step) => step.use.definition.name)).toEqual(["upper", "join"]);
  });

  test("takes inputs of any type, with defaults, and lists", () => {
    const inputs = {
      a: z.number(),
      b: z.array(z.object({ n: z.number() })).default([]),
      c: vector(3).nullable(),
      d: z.enum(["x", "y"]).default("x"),
    };
    const { definition } = transform("t", inputs, ({ a }: LooseInputs) => a);
    expect(definition.inputType.fields.map(({ type }) => [type.kind, type.nullable])).toEqual([
      ["float64", false],
      ["table", false],
      ["vector", true],
      ["string", false],
    ]);
  });

  test("is refused where it says no value, naming transform flow and step", () => {
    const where = { transformFlow: "toVector" };
    const upped = ({ text }: LooseInputs) => text.transform(upper);
    expect(refusal(text, upped, "no name")).toMatchObject({ code: "name-invalid" });
    expect(refusal({}, upped)).toEqual({
      code: "option-invalid",
      message: "transform flow toVector has no input",
      where,
    });
    expect(refusal(undefined, upped)).toMatchObject({ code: "option-invalid" });
    expect(refusal(text, "body")).toMatchObject({ message: "transform flow toVector was given no body" });
    expect(refusal(text, () => "x")).toEqual({
      code: "argument-invalid",
      message: "transform flow toVector returned no slice",
      where,
    });
    expect(refusal(text, ({ text }: LooseInputs) => ({ a: text }))).toMatchObject({
      code: "argument-invalid",
    });
    expect(refusal(text, async ({ text }: LooseInputs) => text)).toMatchObject({ code: "scope-invalid" });
    expect(refusal(text, ({ text }: LooseInputs) => text.transform(double))).toEqual({
      code: "argument-invalid",
      message: "function double takes int for n, but text is string",
      where: { ...where, step: "double" },
    });
    expect(refusal(text, ({ text }: LooseInputs) => text.field("length_"))).toMatchObject({
      code: "field-unknown",
      where,
    });
  });

  test("is refused with inputs that say more than a type, or may be absent", () => {
    const withInput = (schema: z.ZodType) => refusal({ text: schema }, ({ text }: LooseInputs) => text);
    const where = { transformFlow: "toVector", step: "text" };
    const checks = "input text of transform flow toVector says more than a type";
    expect(withInput(z.string().min(3))).toEqual({ code: "schema-unsupported", message: checks, where });
    expect(withInput(z.string().trim().default("x"))).toMatchObject({ message: checks });
    expect(withInput(z.string().optional())).toMatchObject({
      message: "input text of transform flow toVector may be left out",
    });
    expect(withInput(z.date())).toMatchObject({ code: "schema-unsupported", where });
  });

  test("yields one value: rows are gone through in the flow", () => {
    const body = ({ text }: LooseInputs) => text.transform(split({ size: 2 })).forEachRow(() => {});
    expect(refusal(text, body)).toEqual({
      code: "scope-invalid",
      message: "forEachRow of split(…) was called in a transform flow",
      where: { transformFlow: "toVector", step: "split(…)" },
    });
    const chunked = transform("chunked", text, ({ text }: LooseInputs) => text.transform(split({ size: 2 })));
    const flow = through((doc) =>
      doc.content.transform(chunked).forEachRow((chunk: LooseRow) => chunk.text.transform(upper)),
    );
    expect(stepTexts(flow.sources[0]!.scope)).toEqual([
      "1 = split(text: 0.content)",
      "each 2 of 1",
      "  3 = upper(text: 2.text)",
    ]);
  });

  test("uses slices of its own only, and none after it ended", () => {
    const kept: Loose[] = [];
    transform("t", text, ({ text }: LooseInputs) => {
      kept.push(text);
      return text;
    });
    const own = kept[0]!;
    expect(() => own.transform(upper)).toThrow(
      "text was used after the definition of transform flow t ended",
    );
    expect(refusal(text, ({ text }: LooseInputs) => text.transform(join, { right: own }))).toMatchObject({
      code: "scope-invalid",
      message: "text is a slice of transform flow t",
    });
    through((doc) => {
      expect(refusal(text, () => doc.content.transform(upper))).toEqual({
        code: "scope-invalid",
        message: "upper(…) is a slice of flow Docs",
        where: { transformFlow: "toVector" },
      });
    });
  });

  test("is known to the flows that take it in, and to those within others", () => {
    const inner = transform("inner", text, ({ text }: LooseInputs) => text.transform(upper));
    const outer = transform("outer", text, ({ text }: LooseInputs) => text.transform(inner).transform(inner));
    const flow = through((doc) => doc.content.transform(outer));
    expect(flow.transformFlows).toEqual([outer.definition, inner.definition]);
    expect(outer.definition.transformFlows).toEqual([inner.definition]);
  });
});

describe("a call of a transform flow", () => {
  const pair = () =>
    transform(
      "pair",
      { left: z.string(), right: z.string(), between: z.string().default("-") },
      (given: LooseInputs) => given.left.transform(join, { right: given.right, between: given.between }),
    );

  test("stands where the calls would, once for equal arguments", () => {
    const both = pair();
    const flow = through((doc) =>
      doc.tags.forEachRow((tag: LooseRow) => {
        doc.filename.transform(both, { right: doc.content });
        doc.filename.transform(join, { right: doc.content, between: "-" });
        tag.tag.transform(both, { right: doc.content });
      }),
    );
    const { steps } = flow.sources[0]!.scope;
    expect(steps.map(({ kind }) => kind)).toEqual(["call", "each"]);
    expect(steps[1]).toMatchObject({ kind: "each", scope: { steps: [{ kind: "call" }] } });
  });

  test("is refused with arguments that do not fit, as a function's would be", () => {
    const both = pair();
    expect(messageOf((doc) => doc.content.transform(both))).toBe(
      "transform flow pair leaves it open which of left and right takes documents.content",
    );
    expect(messageOf((doc) => doc.content.transform(both, { rihgt: "x" }))).toBe(
      "transform flow pair has no input rihgt",
    );
    expect(messageOf((doc) => doc.content.transform(both, { right: 3 }))).toMatch(
      /^transform flow pair takes no such constant for right/,
    );
    expect(messageOf((doc) => doc.meta.transform(both, { right: "x" }))).toMatch(
      /^transform flow pair takes string for left, but documents.meta is/,
    );
    const second = transform("second", { a: z.string(), b: z.string() }, ({ b }: LooseInputs) => b);
    expect(messageOf((doc) => doc.content.transform(second, { b: "x" }))).toBe(
      "transform flow second yields nothing but a constant here",
    );
  });

  test("is refused where a function could not tell a call that was skipped from one that yielded null", () => {
    const emptied = { ...upper, output: z.string().nullable() };
    const shown = { ...join, input: { ...join.input, left: z.string().nullable() } };
    const body = ({ text }: LooseInputs) => text.transform(emptied).transform(shown, { right: "!" });
    const strict = transform("strict", text, body);
    expect(stepTexts(through((doc) => doc.content.transform(strict)).sources[0]!.scope)).toHaveLength(2);
    expect(messageOf((doc) => doc.language.transform(strict))).toBe(
      "function join would be given the null of a call that is skipped, as if it had yielded it",
    );
    const lenient = transform("lenient", { text: z.string().nullable() }, body);
    expect(stepTexts(through((doc) => doc.language.transform(lenient)).sources[0]!.scope)).toHaveLength(2);
  });

  test("fails in its own place with a constant that only a function inside refuses", () => {
    const strict = { ...double, input: { n: z.int().max(3) } } as typeof double;
    const plus = transform("plus", { a: z.string(), n: z.int() }, ({ n }: LooseInputs) =>
      n.transform(strict),
    );
    expect(messageOf((doc) => doc.content.transform(plus, { n: 4 }))).toMatch(
      /^function double takes no such constant for n/,
    );
  });
});
