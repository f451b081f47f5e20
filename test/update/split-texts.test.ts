import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { detectProgrammingLanguage, splitBySeparators, splitRecursively } from "../../src/functions/index.ts";
import { defineFlow, defineTarget, range } from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

interface Entry {
  readonly file: string;
  readonly location: [number, number];
  readonly text: string;
  readonly line: number;
}

/** A target that keeps its rows, and which keys were written. */
function openShelf() {
  const rows = new Map<string, Entry["text"]>();
  const written: string[] = [];
  const target = defineTarget({
    kind: "chunks",
    spec: z.object({ name: z.string() }),
    key: z.object({ file: z.string(), location: range() }),
    value: z.object({ text: z.string(), line: z.int() }),
    getPersistentKey: (spec) => spec.name,
    applySetupChange() {},
    prepare: (spec) => spec,
    mutate(batches) {
      for (const { mutations } of batches) {
        for (const { key, value } of mutations) {
          const id = `${key.file} ${key.location.join("-")}`;
          written.push(id);
          if (value === null) rows.delete(id);
          else rows.set(id, `${value.line}: ${value.text}`);
        }
      }
    },
  });
  return { rows, written, target };
}

test("a flow collects chunks by their location, and an edit writes those that it changes", async () => {
  const { rows, written, target } = openShelf();
  const flow = world.keep(
    defineFlow("Chunks", (builder) => {
      const chunks = builder.addCollector<Entry>();
      builder.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        const language = page.id.transform(detectProgrammingLanguage);
        page.text
          .transform(splitRecursively, { chunkSize: 60, minChunkSize: 0, language })
          .forEachRow((chunk) => {
            chunks.collect({
              file: page.id,
              location: chunk.location,
              text: chunk.text,
              line: chunk.start.line,
            });
          });
      });
      chunks.export("Out", target({ name: "out" }), { primaryKeyFields: ["file", "location"] });
    }),
  );
  world.notebook.write("a.md", "# One\n\nFirst words of it, some.\n\n# Two\n\nMore words.\n");
  world.notebook.write("b.unknown", "short é");
  await flow.setup();
  expect(await flow.update()).toMatchObject({ ok: true });
  expect(Object.fromEntries(rows)).toEqual({
    "a.md 0-52": "1: # One\n\nFirst words of it, some.\n\n# Two\n\nMore words.\n",
    "b.unknown 0-8": "1: short é",
  });

  written.length = 0;
  world.notebook.write("a.md", "# One\n\nFirst words of it, some.\n\n# Two\n\nMore words, and more.\n");
  await flow.update();
  expect([...rows.keys()].sort()).toEqual(["a.md 0-33", "a.md 33-62", "b.unknown 0-8"]);
  expect(rows.get("a.md 33-62")).toBe("5: # Two\n\nMore words, and more.\n");

  written.length = 0;
  world.notebook.write("a.md", "# One\n\nFirst words of it, some.\n\n# Two\n\nMore words, and less.\n");
  await flow.update();
  expect(written).toEqual(["a.md 33-62"]);
});

test("a mistake in the options is told when the flow is defined, with its place", () => {
  const define = (transform: (text: never) => unknown) => () =>
    defineFlow("Wrong", (builder) => {
      builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
        transform(page.text as never);
      });
    });
  type Text = { transform(fn: unknown, given: unknown): unknown };
  const wrong = [
    define((text: Text) => text.transform(splitRecursively, { chunkSize: 0 })),
    define((text: Text) => text.transform(splitBySeparators, { separators: ["("] })),
    define((text: Text) =>
      text.transform(splitRecursively, {
        chunkSize: 9,
        customLanguages: [{ language: "x", separators: ["["] }],
      }),
    ),
  ];
  for (const [at, message] of [
    "chunkSize",
    "Invalid regular expression",
    "Invalid regular expression",
  ].entries()) {
    expect(wrong[at]).toThrow(
      expect.objectContaining({ code: "argument-invalid", message: expect.stringContaining(message) }),
    );
  }
});

/** Refuses the packages that are optional, as Node does where they are not installed. */
const hooks = `
  import { register } from "node:module";
  const source = \`export function resolve(name, context, next) {
    if (name !== "web-tree-sitter") return next(name, context);
    const message = "Cannot find package '" + name + "' imported from " + context.parentURL;
    throw Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });
  }\`;
  register("data:text/javascript," + encodeURIComponent(source));
`;

const program = `
  import { splitRecursively } from ${JSON.stringify(new URL("../../src/functions/index.ts", import.meta.url).href)};
  const notices = [];
  const context = { notice: (message) => notices.push(message) };
  const args = { text: "function a() {}\\nfunction b() {}\\n", chunkSize: 20, minChunkSize: 0, chunkOverlap: 0 };
  const more = { language: "typescript", customLanguages: [] };
  const chunks = await splitRecursively.definition.run({ ...args, ...more }, context);
  console.log(JSON.stringify({ texts: chunks.map(({ text }) => text), notices }));
`;

test("a process without the parser's package splits code by rules, and says so", async () => {
  const asModule = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
  const run = (...flags: string[]) =>
    promisify(execFile)(process.execPath, [
      ...["--import", import.meta.resolve("tsx"), ...flags],
      ...["--input-type=module", "--eval", program],
    ]);
  const texts = ["function a() {}\n", "function b() {}\n"];
  const without = JSON.parse((await run("--import", asModule(hooks))).stdout);
  expect(without).toEqual({ texts, notices: [expect.stringContaining("npm install web-tree-sitter")] });
  expect(JSON.parse((await run()).stdout)).toEqual({ texts, notices: [] });
});
