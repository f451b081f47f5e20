import { expect, test } from "vitest";
import { z } from "zod";
import {
  addFiles,
  build,
  double,
  join,
  mistake,
  mistakeInRow,
  sourceOf,
  split,
  upper,
} from "../../test/flow-examples.ts";
import type { Slice } from "./index.ts";

const numbers = sourceOf(z.int(), z.object({ half: z.number() }));

test("a slice has no value after the body that it comes from", () => {
  const error = mistake((flow) => {
    let kept: Slice<string> | undefined;
    addFiles(flow).forEachRow((doc) => {
      doc.tags.forEachRow((tag) => {
        kept = tag.tag;
      });
      kept!.transform(upper);
    });
  });
  expect(error).toMatchObject({
    code: "scope-invalid",
    message: "documents.tags.tag belongs to the rows of documents.tags and was used outside their forEachRow",
    where: { flow: "Docs", source: "documents" },
  });
});

test("nor in what an outer scope collects, names or gives to a function", () => {
  const collected = mistake((flow) => {
    const out = flow.addCollector<{ text: string }>();
    addFiles(flow).forEachRow((doc) => {
      let kept: Slice<string> | undefined;
      doc.content.transform(split({ size: 1 })).forEachRow((part) => {
        kept = part.text;
      });
      out.collect({ text: kept! });
    });
  });
  expect(collected).toMatchObject({
    code: "scope-invalid",
    message: "split(…).text belongs to the rows of split(…) and was used outside their forEachRow",
  });
  const given = mistakeInRow((doc) => {
    let kept: Slice<string> | undefined;
    doc.tags.forEachRow((tag) => {
      kept = tag.tag;
    });
    doc.content.transform(join, { right: kept! });
  });
  expect(given).toMatchObject({ code: "scope-invalid", where: { step: "join" } });
  const named = mistakeInRow((doc) => {
    doc.tags.forEachRow((tag) => doc.set("tag", tag.tag));
  });
  expect(named).toMatchObject({
    code: "scope-invalid",
    message: 'set("tag") on a row of documents was given a slice of the rows of documents.tags',
    where: { source: "documents", step: "tag" },
  });
});

test("the row of another source is not seen", () => {
  const error = mistake((flow) => {
    let kept: Slice<string> | undefined;
    addFiles(flow).forEachRow((doc) => {
      kept = doc.content;
    });
    flow.addSource("numbers", numbers).forEachRow(() => kept!.transform(upper));
  });
  expect(error).toMatchObject({
    code: "scope-invalid",
    message: "documents.content belongs to the rows of documents and was used outside their forEachRow",
    where: { source: "documents" },
  });
});

test("one source inside another is a cross product, which is refused; so is one inside itself", () => {
  const error = mistake((flow) => {
    const other = flow.addSource("numbers", numbers);
    addFiles(flow).forEachRow(() => other.forEachRow(() => {}));
  });
  expect(error).toMatchObject({
    code: "scope-invalid",
    message: "forEachRow of source numbers was called inside that of source documents",
    where: { source: "numbers" },
  });
  const same = mistake((flow) => {
    const documents = addFiles(flow);
    documents.forEachRow((doc) => doc.tags.forEachRow(() => documents.forEachRow(() => {})));
  });
  expect(same.message).toBe("forEachRow of source documents was called inside that of source documents");
});

test("a slice of another flow is refused", () => {
  let kept: Slice<string> | undefined;
  build((flow) =>
    addFiles(flow).forEachRow((doc) => {
      kept = doc.content;
    }),
  );
  const other = mistake((flow) => {
    const out = flow.addCollector<{ text: string }>();
    addFiles(flow).forEachRow(() => out.collect({ text: kept! }));
  });
  expect(other).toMatchObject({
    code: "scope-invalid",
    message: "documents.content is a slice of flow Docs",
  });
});

test("set names a derived field once, of its own row only", () => {
  const twice = mistakeInRow((doc) => {
    doc.set("html", doc.content.transform(upper));
    doc.set("html", doc.content);
  });
  expect(twice).toMatchObject({
    code: "name-duplicate",
    message: "the rows of documents have a field html already",
    where: { flow: "Docs", source: "documents", step: "html" },
  });
  const own = mistakeInRow((doc) => {
    // @ts-expect-error the row has that field
    doc.set("content", doc.filename);
  });
  expect(own).toMatchObject({ code: "name-duplicate", where: { step: "content" } });
  expect(mistakeInRow((doc) => doc.set("a b", doc.content))).toMatchObject({
    code: "name-invalid",
    where: { source: "documents" },
  });
  expect(mistakeInRow((doc) => doc.set("x", "text" as never))).toMatchObject({
    code: "argument-invalid",
    message: 'set("x") was given no slice',
    where: { step: "x" },
  });
});

test("set returns the very slice, and the same name is free in another scope", () => {
  build((flow) => {
    addFiles(flow).forEachRow((doc) => {
      const html = doc.content.transform(upper);
      expect(doc.set("html", html)).toBe(html);
      doc.tags.forEachRow((tag) => tag.set("html", doc.content));
    });
  });
});

test("limits are whole numbers above 0, and other options are unknown", () => {
  const documents = (options: object) => mistake((flow) => addFiles(flow).forEachRow(() => {}, options));
  for (const maxInflightRows of [0, -1, 1.5, "3", Number.NaN])
    expect(documents({ maxInflightRows })).toMatchObject({
      code: "option-invalid",
      message: `documents: maxInflightRows must be a whole number above 0, not ${maxInflightRows}`,
    });
  expect(documents({ maxInflightRow: 1 })).toMatchObject({
    code: "option-invalid",
    message: "forEachRow of documents has no option maxInflightRow",
    hint: "Did you mean maxInflightRows? It has maxInflightRows and maxInflightBytes.",
  });
  const table = mistakeInRow((doc) => doc.tags.forEachRow(() => {}, { maxInflightBytes: 0 }));
  expect(table).toMatchObject({
    code: "option-invalid",
    where: { source: "documents", step: "documents.tags" },
  });
  expect(mistakeInRow((doc) => doc.tags.forEachRow(undefined as never))).toMatchObject({
    code: "option-invalid",
  });
});

test("a function that takes a number can be called on the key of a source with a single key", () => {
  const definition = build((flow) =>
    flow.addSource("numbers", numbers).forEachRow((row) => row.key.transform(double)),
  );
  expect(definition.sources[0]!.rowFields.map(({ name }) => name)).toEqual(["key", "half"]);
});
