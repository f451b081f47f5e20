import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";

// What the compiler says of planted mistakes: the words of a Problem must be in it, or nobody would understand it.

const here = dirname(fileURLToPath(import.meta.url));
const planted = join(here, "planted.ts");

const preamble = `
import { z } from "zod";
import type { Collector, FlowBuilder, Slice } from "../../src/flow/index.ts";
import { addFiles, double, join, targetOf, upper } from "../flow-examples.ts";
declare const flow: FlowBuilder;
declare const text: Slice<string>;
declare const pages: Collector<{ id: string; html: string; note: string | null }>;
const key = z.object({ id: z.string() });
const value = z.object({ html: z.string(), note: z.string().nullable() });
`;

/** Each mistake, and what the compiler must say of it. */
const mistakes: readonly (readonly [code: string, message: string])[] = [
  [
    "text.transform(join);",
    'Problem<["several inputs are open: name all but one of them", "left" | "right"]>',
  ],
  [
    'text.transform(upper, { text: "x" });',
    'Problem<"no input is left for the slice: every one is given by name">',
  ],
  [
    "text.transform(double);",
    'Problem<["input n takes another type than the slice has", { readonly slice: string; readonly input: number; }]>',
  ],
  [
    "text.transform(join, { left: 3 });",
    'Problem<["input left takes another type", { readonly given: 3; readonly input: string; }]>',
  ],
  [
    'text.transform(join, { left: "a", betwen: "-" });',
    'Problem<["the function has no input of this name, but", "left" | "right" | "between"]>',
  ],
  [
    "addFiles(flow).transform(upper);",
    'Problem<"the rows of a source are no value: go through them with forEachRow">',
  ],
  [
    "addFiles(flow).forEachRow(async () => {});",
    'Problem<"this runs when the flow is defined and cannot be async: compute in functions, with transform">',
  ],
  [
    'addFiles(flow).forEachRow((doc) => doc.set("content", doc.filename));',
    'Problem<["the row has a field of this name already", "content"]>',
  ],
  ["addFiles(flow).forEachRow((doc) => doc.contnet);", "Did you mean 'content'?"],
  [
    "flow.addCollector().collect({ a: 1 });",
    'Problem<"say what the collector holds: flow.addCollector<{ id: string; … }>()">',
  ],
  [
    'pages.export("A", targetOf(), { primaryKeyFields: ["note"] });',
    'Problem<["a primary key field is never null", "note"]>',
  ],
  [
    'pages.export("A", targetOf({ key }), { primaryKeyFields: ["id", "html"] });',
    `Problem<["the target's primary key has no such fields", "html"]>`,
  ],
  [
    'pages.export("A", targetOf({ key: z.object({ id: z.string(), page: z.int() }) }), { primaryKeyFields: ["id"] });',
    `Problem<["the target's primary key needs more fields", "page"]>`,
  ],
  [
    'pages.export("A", targetOf({ value: z.object({ html: z.string(), note: z.string() }) }), { primaryKeyFields: ["id"] });',
    `Problem<["fields of the target's value have another type", `,
  ],
  [
    'pages.export("A", targetOf({ key: z.string() }), { primaryKeyFields: ["id", "html"] });',
    `Problem<["the target's key is a single value: name one primary key field", "id" | "html"]>`,
  ],
  [
    'pages.export("A", targetOf({ key: z.number() }), { primaryKeyFields: ["id"] });',
    `Problem<["the primary key field has another type than the target's key", `,
  ],
];

let said: ReadonlyMap<number, string>;

beforeAll(() => {
  const text = `${preamble.trim()}\n${mistakes.map(([code]) => code).join("\n")}\n`;
  said = compile(text);
}, 60_000);

test("the preamble has no mistake", () => {
  const first = preamble.trim().split("\n").length;
  expect([...said].filter(([line]) => line < first)).toEqual([]);
});

test.each(mistakes.map(([code, message], i) => ({ code, message, i })))("$code", ({ message, i }) => {
  expect(said.get(preamble.trim().split("\n").length + i)).toContain(message);
});

/** The compiler's messages about a file, by line from 0. */
function compile(text: string): ReadonlyMap<number, string> {
  const config = ts.readConfigFile(join(here, "../../tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, join(here, "../.."));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === planted || fileExists(file);
  host.getSourceFile = (file, ...rest) =>
    file === planted ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2023) : getSourceFile(file, ...rest);
  const program = ts.createProgram([planted], { ...options, noUnusedLocals: false }, host);
  const source = program.getSourceFile(planted)!;
  const messages = ts
    .getPreEmitDiagnostics(program, source)
    .map(
      (found) => [source.getLineAndCharacterOfPosition(found.start ?? 0).line, found.messageText] as const,
    );
  return new Map(messages.map(([line, message]) => [line, ts.flattenDiagnosticMessageText(message, "\n")]));
}
