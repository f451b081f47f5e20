import { expect, test } from "vitest";
import { z } from "zod";
import {
  addFiles,
  build,
  double,
  embed,
  files,
  join,
  mistake,
  sourceOf,
  split,
  stepTexts,
  targetOf,
  upper,
} from "../../test/flow-examples.ts";
import { defineFunction } from "../contracts/define-function.ts";
import {
  buildFlow,
  type Collector,
  type FlowBuilder,
  type FlowDefinition,
  generatedUuid,
  type Slice,
} from "./index.ts";

function steps(definition: FlowDefinition, source = 0): readonly string[] {
  return stepTexts(definition.sources[source]!.scope);
}

test("a flow of tables within tables is plain data", () => {
  const definition = build((flow) => {
    const documents = flow.addSource("documents", files, { refreshInterval: "5s", renamedFrom: "docs" });
    const out = flow.addCollector<{ id: string; filename: string; text: string; embedding: Float32Array }>();
    documents.forEachRow((doc) => {
      doc.content.transform(split({ size: 3 }), { language: doc.language }).forEachRow(
        (chunk) => {
          const embedding = chunk.text.transform(embed);
          out.collect({ id: generatedUuid(), filename: doc.filename, text: chunk.text, embedding });
        },
        { maxInflightRows: 7 },
      );
    });
    out.export("Chunks", targetOf(), { primaryKeyFields: ["id"] });
  });
  expect(steps(definition)).toEqual([
    "1 = split(text: 0.content, language: 0.language)",
    "each 2 of 1",
    "  3 = embed(text: 2.text)",
    "  collect 0 { id: uuid, filename: 0.filename, text: 2.text, embedding: 3 }",
  ]);
  expect(definition.sources[0]!.options).toEqual({
    refreshIntervalMs: 5000,
    maxInflightRows: null,
    maxInflightBytes: null,
    renamedFrom: "docs",
  });
  expect(definition.sources[0]!.scope.steps[1]).toMatchObject({ maxInflightRows: 7, maxInflightBytes: null });
  expect(definition.collectors[0]!.fields.map(({ name, type }) => [name, type])).toEqual([
    ["id", { kind: "uuid", nullable: false }],
    ["filename", { kind: "string", nullable: false }],
    ["text", { kind: "string", nullable: false }],
    ["embedding", { kind: "vector", element: "float32", dimension: 3, nullable: false }],
  ]);
});

test("a call stands in the outermost scope that sees its arguments, before the table that uses it", () => {
  const definition = build((flow) => {
    const out = flow.addCollector<{ text: string }>();
    addFiles(flow).forEachRow((doc) => {
      doc.tags.forEachRow((tag) => {
        tag.tag.transform(split({ size: 1 })).forEachRow((part) => {
          const title = doc.content.transform(upper);
          const ofTag = tag.tag.transform(join, { right: title });
          out.collect({ text: part.text.transform(join, { left: ofTag }) });
        });
      });
    });
  });
  expect(steps(definition)).toEqual([
    "4 = upper(text: 0.content)",
    "each 1 of 0.tags",
    "  2 = split(text: 1.tag)",
    '  5 = join(left: 1.tag, right: 4, between: " ")',
    "  each 3 of 2",
    '    6 = join(left: 5, right: 3.text, between: " ")',
    "    collect 0 { text: 6 }",
  ]);
});

test("an outer table can be gone through inside another table", () => {
  const definition = build((flow) => {
    const out = flow.addCollector<{ a: string; b: string }>();
    addFiles(flow).forEachRow((doc) => {
      doc.content.transform(split({ size: 1 })).forEachRow((part) => {
        doc.tags.forEachRow((tag) => out.collect({ a: part.text, b: tag.tag }));
      });
    });
  });
  expect(steps(definition)).toEqual([
    "1 = split(text: 0.content)",
    "each 2 of 1",
    "  each 3 of 0.tags",
    "    collect 0 { a: 2.text, b: 3.tag }",
  ]);
});

test("equal calls are one call, others are not", () => {
  const definition = build((flow) => {
    addFiles(flow).forEachRow((doc) => {
      doc.set("first", doc.content.transform(split({ size: 1 }), { language: "en" }));
      doc.set("same", doc.content.transform(split({ size: 1 }), { language: "en" }));
      doc.set("spec", doc.content.transform(split({ size: 2 }), { language: "en" }));
      doc.set("argument", doc.content.transform(split({ size: 1 }), { language: "de" }));
      doc.set("absent", doc.content.transform(split({ size: 1 })));
      doc.set("slice", doc.filename.transform(split({ size: 1 }), { language: "en" }));
    });
  });
  expect(
    steps(definition)
      .filter((text) => !text.includes("("))
      .map((text) => text.split(" = ")),
  ).toEqual([
    ["first", "1"],
    ["same", "1"],
    ["spec", "2"],
    ["argument", "3"],
    ["absent", "4"],
    ["slice", "5"],
  ]);
});

test("an equal call of another function is another call", () => {
  const twin = defineFunction({
    name: "upper",
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }) => text,
  });
  const definition = build((flow) => {
    addFiles(flow).forEachRow((doc) => {
      doc.content.transform(upper);
      doc.content.transform(twin);
    });
  });
  expect(steps(definition)).toEqual(["1 = upper(text: 0.content)", "2 = upper(text: 0.content)"]);
});

test("a source may be gone through twice: steps join, and the strictest limit counts", () => {
  const definition = build((flow) => {
    const documents = flow.addSource("documents", files, { maxInflightRows: 5 });
    documents.forEachRow((doc) => doc.set("a", doc.content.transform(upper)), {
      maxInflightRows: 9,
      maxInflightBytes: 4,
    });
    documents.forEachRow((doc) => doc.set("b", doc.content.transform(upper)), { maxInflightRows: 3 });
  });
  expect(steps(definition)).toEqual(["1 = upper(text: 0.content)", "a = 1", "b = 1"]);
  expect(definition.sources[0]!.options).toMatchObject({ maxInflightRows: 3, maxInflightBytes: 4 });
});

test("one collector takes entries from several sources and scopes, and goes to several targets", () => {
  const definition = build((flow) => {
    const out = flow.addCollector<{ name: string; n: number | null }>();
    addFiles(flow).forEachRow((doc) => {
      out.collect({ name: doc.filename, n: null });
      doc.tags.forEachRow((tag) => out.collect({ n: 1, name: tag.tag }));
    });
    flow.addSource("numbers", sourceOf(z.int(), z.object({ half: z.number() }))).forEachRow((row) => {
      out.collect({ name: "number", n: row.half });
    });
    out.export("A", targetOf(), { primaryKeyFields: ["name"] });
    out.export("B", targetOf(), { primaryKeyFields: ["name"] });
  });
  expect(definition.collectors).toEqual([
    {
      fields: [
        { name: "name", type: { kind: "string", nullable: false }, optional: false },
        { name: "n", type: { kind: "float64", nullable: true }, optional: false },
      ],
    },
  ]);
  expect(steps(definition)).toEqual([
    "collect 0 { name: 0.filename, n: null }",
    "each 1 of 0.tags",
    "  collect 0 { name: 1.tag, n: 1 }",
  ]);
  expect(definition.exports.map(({ name, collector }) => [name, collector])).toEqual([
    ["A", 0],
    ["B", 0],
  ]);
});

test("the definition cannot be changed, nor through what it was made from", () => {
  const spec = { numbers: [1, 2], bytes: new Uint8Array([1]) };
  const attachments = [{ sql: "one" }];
  const definition = build((flow) => {
    const out = flow.addCollector<{ id: string; json: number[]; bytes: Uint8Array }>();
    addFiles(flow).forEachRow((doc) =>
      out.collect({ id: doc.filename, json: spec.numbers, bytes: spec.bytes }),
    );
    out.export("A", targetOf(), { primaryKeyFields: ["id"], attachments });
  });
  spec.numbers.push(3);
  spec.bytes[0] = 9;
  attachments[0]!.sql = "two";
  expect(steps(definition)).toEqual(['collect 0 { id: 0.filename, json: [1,2], bytes: {"0":1} }']);
  expect(definition.exports[0]!.attachments).toEqual([{ sql: "one" }]);
  for (const part of [
    definition,
    definition.sources,
    definition.sources[0]!.scope.steps[0]!,
    definition.exports[0]!.indexes.vector,
  ])
    expect(Object.isFrozen(part)).toBe(true);
});

test("what a user gave stays as it is", () => {
  const spec = files.spec as object;
  const definition = build((flow) => addFiles(flow).forEachRow((doc) => doc.content.transform(upper)));
  expect(definition.sources[0]!.definition).toBe(files.definition);
  expect(Object.isFrozen(spec)).toBe(false);
  expect(Object.isFrozen(upper)).toBe(false);
});

test("a collector that is not exported, and one that nothing uses, are allowed", () => {
  const definition = build((flow) => {
    const shown = flow.addCollector<{ name: string }>();
    flow.addCollector<{ name: string }>();
    addFiles(flow).forEachRow((doc) => shown.collect({ name: doc.filename }));
  });
  expect(definition.collectors.map(({ fields }) => fields.length)).toEqual([1, 0]);
  expect(definition.exports).toEqual([]);
});

test("the call site is kept", () => {
  const callSite = { file: "flows.ts", line: 3, column: 1 };
  expect(buildFlow("Docs", addFiles, callSite).callSite).toEqual(callSite);
});

test("a flow needs a name and a source", () => {
  expect(() => buildFlow("my flow", addFiles, null)).toThrow(
    expect.objectContaining({ code: "name-invalid" }),
  );
  const error = mistake(() => {});
  expect(error).toMatchObject({ code: "option-invalid", message: "flow Docs has no source" });
  expect(error.hint).toContain("addSource");
});

test("an async body is refused, and what it rejects with later is nobody's concern", async () => {
  const flowBody = mistake(async () => {
    await Promise.resolve();
    throw new Error("too late");
  });
  expect(flowBody).toMatchObject({ code: "scope-invalid", message: "the body of flow Docs is async" });
  const rowBody = mistake((flow) => addFiles(flow).forEachRow((async () => {}) as never));
  expect(rowBody).toMatchObject({
    code: "scope-invalid",
    message: "the body of the forEachRow of documents is async",
    where: { flow: "Docs", source: "documents" },
  });
  await new Promise((resolve) => setImmediate(resolve));
});

test("nothing can be added when the definition is over", () => {
  let kept: FlowBuilder | undefined;
  let collector: Collector<{ name: string }> | undefined;
  let documents: ReturnType<typeof addFiles> | undefined;
  let slice: Slice<string> | undefined;
  build((flow) => {
    kept = flow;
    collector = flow.addCollector<{ name: string }>();
    documents = addFiles(flow);
    documents.forEachRow((doc) => {
      slice = doc.content;
    });
  });
  const late: (() => unknown)[] = [
    () => kept!.addSource("more", files),
    () => kept!.addCollector<{ name: string }>(),
    () => collector!.collect({ name: "x" }),
    () => collector!.export("A", targetOf(), { primaryKeyFields: ["name"] }),
    () => documents!.forEachRow(() => {}),
    () => slice!.transform(upper),
  ];
  for (const act of late)
    expect(act).toThrow(
      expect.objectContaining({
        code: "scope-invalid",
        message: expect.stringContaining("after the definition of flow Docs ended"),
        where: expect.objectContaining({ flow: "Docs" }),
      }),
    );
});

test("what the body throws is what the definition throws, and ends it", () => {
  const own = new Error("mine");
  let kept: FlowBuilder | undefined;
  expect(() =>
    build((flow) => {
      kept = flow;
      addFiles(flow).forEachRow(() => {
        throw own;
      });
    }),
  ).toThrow(own);
  expect(() => kept!.addCollector<{ name: string }>()).toThrow(
    expect.objectContaining({ code: "scope-invalid" }),
  );
});

test("slots are numbered for each source", () => {
  const definition = build((flow) => {
    addFiles(flow).forEachRow((doc) => doc.content.transform(upper));
    flow
      .addSource("numbers", sourceOf(z.int(), z.object({ half: z.number() })))
      .forEachRow((row) => row.key.transform(double));
  });
  expect(steps(definition, 0)).toEqual(["1 = upper(text: 0.content)"]);
  expect(steps(definition, 1)).toEqual(["1 = double(n: 0.key)"]);
});
