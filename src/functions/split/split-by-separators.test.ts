import fc from "fast-check";
import { expect, test } from "vitest";
import type { Chunk } from "./chunk.ts";
import { splitBySeparators } from "./split-by-separators.ts";

interface Options {
  readonly separators: readonly string[];
  readonly keepSeparator?: "left" | "right" | null;
  readonly includeEmpty?: boolean;
  readonly trim?: boolean;
}

function split(text: string, options: Options): Chunk[] {
  const given = { keepSeparator: null, includeEmpty: false, trim: true, ...options, text };
  return splitBySeparators.output.parse(
    splitBySeparators.definition.run!(given, undefined as never),
  ) as Chunk[];
}

function texts(text: string, options: Options): string[] {
  return split(text, options).map((chunk) => chunk.text);
}

test("separators are left out, or stay with what is before or after them", () => {
  const separators = ["\\n---\\n", ";"];
  const text = "one\n---\ntwo; three";
  expect(texts(text, { separators })).toEqual(["one", "two", "three"]);
  expect(texts(text, { separators, trim: false })).toEqual(["one", "two", " three"]);
  expect(texts(text, { separators, trim: false, keepSeparator: "left" })).toEqual([
    "one\n---\n",
    "two;",
    " three",
  ]);
  expect(texts(text, { separators, trim: false, keepSeparator: "right" })).toEqual([
    "one",
    "\n---\ntwo",
    "; three",
  ]);
});

test("chunks without text are left out, or kept with the place where they stand", () => {
  const separators = [","];
  expect(texts(",a, ,b,", { separators })).toEqual(["a", "b"]);
  const kept = split(",a, ,b,", { separators, includeEmpty: true });
  expect(kept.map(({ text, location }) => [text, ...location])).toEqual([
    ["", 0, 0],
    ["a", 1, 2],
    ["", 3, 3],
    ["b", 5, 6],
    ["", 7, 7],
  ]);
  expect(texts("", { separators })).toEqual([]);
  expect(texts("", { separators, includeEmpty: true })).toEqual([""]);
});

test("a look ahead parts without taking anything", () => {
  expect(texts("# a\nx\n# b\ny", { separators: ["^(?=# )"], trim: false })).toEqual(["# a\nx\n", "# b\ny"]);
});

test("locations are bytes, lines and columns of what is left after trimming", () => {
  const [, second] = split("é;\n  😀x y ", { separators: [";"] });
  expect(second).toEqual({
    location: [6, 13],
    text: "😀x y",
    start: { offset: 6, line: 2, column: 3 },
    end: { offset: 13, line: 2, column: 7 },
  });
});

test("with separators kept and nothing trimmed, the chunks put together are the text, whatever it is", () => {
  const separators = fc.array(fc.constantFrom(",", "\\s+", "(?=a)", "b*", "\\b", "(?<=c)", "$", "."), {
    minLength: 1,
    maxLength: 3,
  });
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "c", ",", " ", "\n", "\r", "é", "😀"),
    maxLength: 30,
  });
  const sides = fc.constantFrom("left" as const, "right" as const);
  fc.assert(
    fc.property(text, separators, sides, fc.boolean(), (whole, given, keepSeparator, includeEmpty) => {
      const options = { separators: given, keepSeparator, includeEmpty };
      expect(texts(whole, { ...options, trim: false }).join("")).toBe(whole);
      const bytes = Buffer.from(whole);
      for (const chunk of split(whole, { ...options, trim: true })) {
        expect(bytes.subarray(...chunk.location).toString()).toBe(chunk.text);
      }
    }),
    { numRuns: 2000 },
  );
});

test("what is no regular expression is refused by the schema and when it is run", () => {
  const parsed = splitBySeparators.input.separators.safeParse(["("]);
  expect(parsed.error!.issues[0]!.message).toContain("Invalid regular expression");
  expect(() => split("a", { separators: ["("] })).toThrow(
    expect.objectContaining({
      code: "option-invalid",
      message: expect.stringContaining("splitBySeparators"),
    }),
  );
  expect(splitBySeparators.input.separators.safeParse([""]).success).toBe(false);
  expect(splitBySeparators.input.separators.safeParse([]).success).toBe(false);
});
