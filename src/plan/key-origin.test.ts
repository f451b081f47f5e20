import { expect, test } from "vitest";
import { z } from "zod";
import type { CodeDigest } from "../contracts/code-digest.ts";
import { defineFunction } from "../contracts/define-function.ts";
import { defineSource } from "../contracts/define-source.ts";
import { defineTarget } from "../contracts/define-target.ts";
import { buildFlow, generatedUuid, type RowScope } from "../flow/index.ts";
import { compilePlan } from "./compile-plan.ts";
import type { KeyOrigin } from "./plan.ts";

const noDigest: CodeDigest = {
  of() {
    throw new Error("every function here has a version");
  },
};

const pages = defineSource({
  kind: "pages",
  spec: z.object({}),
  key: z.object({ book: z.string(), page: z.int() }),
  value: z.object({ title: z.string(), words: z.array(z.object({ word: z.string() })) }),
  *list() {},
  getValue: () => null,
});

const shelf = defineTarget({
  kind: "shelf",
  spec: z.object({}),
  getPersistentKey: () => "it",
  applySetupChange() {},
  mutate() {},
});

const same = defineFunction({
  name: "same",
  version: 1,
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => text,
});

type Page = RowScope<{ book: string; page: number; title: string; words: { word: string }[] }>;
type Collect = (entry: Record<string, unknown>) => void;

function origin(
  primaryKeyFields: readonly [string, ...string[]],
  feeds: Readonly<Record<string, (page: Page, collect: Collect) => void>>,
): KeyOrigin | null {
  const definition = buildFlow(
    "Origin",
    (flow) => {
      const out = flow.addCollector<Record<string, string>>();
      for (const [name, feed] of Object.entries(feeds)) {
        flow
          .addSource(name, pages({}))
          .forEachRow((page) => feed(page as never, (entry) => out.collect(entry as never)));
      }
      out.export("Out", shelf({}) as never, { primaryKeyFields: primaryKeyFields as never });
    },
    null,
  );
  return compilePlan(definition, noDigest).exports[0]!.keyOrigin;
}

const whole = {
  kind: "row",
  source: "a",
  fields: [
    ["b", "book"],
    ["p", "page"],
  ],
};

test("the whole key of one source, unchanged, and whatever comes with it", () => {
  expect(origin(["b", "p"], { a: (row, collect) => collect({ b: row.book, p: row.page }) })).toEqual(whole);
  const inTable = (row: Page, collect: Collect) =>
    row.words.forEachRow(({ word }) => collect({ b: row.book, p: row.page, word }));
  expect(origin(["b", "p", "word"], { a: inTable })).toEqual(whole);
});

test("two rows may share a part of a key, a computed key, and the key of another source's row", () => {
  expect(origin(["b"], { a: (row, collect) => collect({ b: row.book, p: row.page }) })).toBeNull();
  const computed = (row: Page, collect: Collect) => collect({ b: row.book.transform(same), p: row.page });
  expect(origin(["b", "p"], { a: computed })).toBeNull();
  const own = (row: Page, collect: Collect) => collect({ b: row.book, p: row.page });
  expect(origin(["b", "p"], { a: own, b: own })).toBeNull();
});

test("every collect must take it, into the same fields", () => {
  const mixed = (row: Page, collect: Collect) => {
    collect({ b: row.book, p: row.page, t: row.title });
    collect({ b: row.title, p: row.page, t: row.book });
  };
  expect(origin(["b", "p"], { a: mixed })).toBeNull();
});

test("a generated id is every row's own, whatever source it is of", () => {
  const feed = (row: Page, collect: Collect) => collect({ id: generatedUuid(), t: row.title });
  expect(origin(["id"], { a: feed, b: feed })).toEqual({ kind: "generated", fields: ["id"] });
});
