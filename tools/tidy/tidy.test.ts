import { describe, expect, it } from "vitest";
import { temporaryTree } from "../project/temporary-tree.ts";
import type { Allowances } from "./allowances.ts";
import { findUntidiness } from "./find-untidiness.ts";

const strict: Allowances = { anyTypes: [], doubleCasts: 0 };

/** Nothing in it may be refused, though much of it looks nearly so. */
const sound = {
  "package.json": JSON.stringify({ name: "fixture", exports: { ".": { default: "./dist/index.js" } } }),
  "package-lock.json": '{ "resolved": "examples/one" }',
  "README.md": "See src/home/ada/ and *.ts files.\n",
  "docs/decisions/0001-first.md": "# First\n",
  "test/types/some.test.ts":
    'it("runs", (context) => context.skip(true, "needs a server"));\ndescribe.runIf(process.platform === "linux")("x", () => {});\n',
  "src/index.ts": 'export { a, type B } from "./kernel/a.ts";\n',
  "src/kernel/a.ts": [
    "/** A function. */",
    "export function a(): string;",
    "export function a(x?: number): string {",
    "  return x as unknown satisfies unknown as string;",
    "}",
    "/** A type. */",
    'export type B = "// TODO: any @ts-ignore";',
    "export const inside = `$".concat("{/* fine */ 1}// FIXME`;"),
  ].join("\n"),
} as const;

const lines = (count: number, text = "") => Array.from({ length: count }, () => text).join("\n");
const longFunction = (name: string, length: number) => `function ${name}() {${lines(length, "  ;")}}\n`;
/** Put together, so that the rules do not find what is planted here. */
const planted = (...parts: string[]) => parts.join("");

type Planted = readonly [what: string, found: string, files: Readonly<Record<string, string>>];

const violations: readonly Planted[] = [
  ["a file in camel case", "file-names src/kernel/someFile.ts:1", { "src/kernel/someFile.ts": "" }],
  ["a folder in capitals", "file-names docs/Guide/start.md:1", { "docs/Guide/start.md": "" }],
  ["a drawer", "drawers src/kernel/utils.ts:1", { "src/kernel/utils.ts": "" }],
  ["a folder that is a drawer", "drawers tools/helpers/a.ts:1", { "tools/helpers/a.ts": "" }],
  ["a long file", "file-length src/kernel/b.ts:500", { "src/kernel/b.ts": lines(501, "//") }],
  ["a long test", "file-length test/b.test.ts:800", { "test/b.test.ts": lines(801, "//") }],
  [
    "too many middling functions",
    "function-length src/kernel/b.ts:1",
    { "src/kernel/b.ts": longFunction("b", 26) },
  ],
  [
    "too many long functions",
    "function-length src/kernel/b.ts:1",
    { "src/kernel/b.ts": longFunction("b", 71) + lines(40, "() => 1;") },
  ],
  ["any", "any-types src/kernel/b.ts:2", { "src/kernel/b.ts": "\nlet x: Map<string, any>;" }],
  ["a double cast", "double-casts src/kernel/b.ts:1", { "src/kernel/b.ts": "1 as unknown as string;" }],
  ["@ts-ignore", "suppressions src/kernel/b.ts:1", { "src/kernel/b.ts": planted("// @ts-", "ignore") }],
  [
    "@ts-nocheck after a string",
    "suppressions test/b.test.ts:1",
    { "test/b.test.ts": planted('const x = "x" // @ts-', "nocheck\n;") },
  ],
  [
    "a TODO in a doc comment",
    "unfinished src/kernel/b.ts:2",
    { "src/kernel/b.ts": "/**\n * TODO: later\n */\nlet x;" },
  ],
  ["a FIXME at the end", "unfinished src/kernel/b.ts:3", { "src/kernel/b.ts": "\nlet x;\n// FIXME" }],
  ["a path of a machine", "workplace README.md:2", { "README.md": planted("\n`/", "home/me/x`") }],
  ["a path in a module", "workplace src/kernel/b.ts:1", { "src/kernel/b.ts": planted('"/', 'work/x";') }],
  [
    "a registry",
    "workplace notes.yaml:1",
    { "notes.yaml": planted("from: https://registry", ".npmjs.org/x") },
  ],
  [
    "a registry of one's own",
    "workplace .npmrc:1",
    { ".npmrc": planted("x=http://npm-registry", ".internal:4873/") },
  ],
  [
    "an address in the lock file",
    "lock-file package-lock.json:2",
    { "package-lock.json": '{\n  "resolved": "https://example.org/x.tgz"\n}' },
  ],
  [
    "a public symbol without a doc comment",
    "doc-comments src/kernel/b.ts:2",
    { "src/index.ts": 'export * from "./kernel/b.ts";', "src/kernel/b.ts": "\nexport const b = 1;" },
  ],
  [
    "a plugin's symbol without a doc comment",
    "doc-comments src/connectors/x/y.ts:1",
    {
      "src/connectors/x/index.ts": 'import { y } from "./y.ts";\nexport { y as z };',
      "src/connectors/x/y.ts": "class Y {} export { Y as y };",
    },
  ],
  ["a focused test", "test-modes test/b.test.ts:1", { "test/b.test.ts": 'it.only("x", () => {});' }],
  ["a skipped suite", "test-modes test/b.test.ts:1", { "test/b.test.ts": 'describe.skip("x", () => {});' }],
  [
    "a test skipped on a condition",
    "test-modes test/b.test.ts:1",
    { "test/b.test.ts": 'test.concurrent.skipIf(true)("x", () => {});' },
  ],
  [
    "a skip without a reason",
    "test-modes src/kernel/b.test.ts:1",
    { "src/kernel/b.test.ts": 'it("x", (context) => context.skip(true));' },
  ],
];

function at(root: string, allowances = strict): string[] {
  return findUntidiness(root, allowances).findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`);
}

describe("the tidy check", () => {
  it("accepts what is tidy", () => {
    const { findings, filesRead } = findUntidiness(temporaryTree(sound), strict);
    expect(findings).toEqual([]);
    expect(filesRead).toBe(Object.keys(sound).length);
  });

  it.each(violations)("refuses %s", (_what, found, files) => {
    expect(at(temporaryTree({ ...sound, ...files }))).toEqual([found]);
  });

  it("fails when it read no module", () => {
    expect(at(temporaryTree({ "package.json": "{}", "src/README.md": "" }))).toEqual(["files-read .:1"]);
  });

  it("accepts `any` in a listed file, and refuses a list that is too long", () => {
    const root = temporaryTree({ ...sound, "src/kernel/b.ts": "let x: any;" });
    const listed = (file: string) => ({ file, reason: "planted" });
    expect(at(root, { ...strict, anyTypes: [listed("src/kernel/b.ts")] })).toEqual([]);
    const stale = { ...strict, anyTypes: [listed("src/kernel/b.ts"), listed("src/kernel/a.ts")] };
    expect(at(root, stale)).toEqual(["any-types src/kernel/a.ts:1"]);
  });

  it("refuses a ratchet that could be lower", () => {
    expect(at(temporaryTree(sound), { ...strict, doubleCasts: 1 })).toEqual([
      "double-casts tools/tidy/allowances.ts:1",
    ]);
  });
});
