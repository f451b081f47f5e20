import { describe, expect, it } from "vitest";
import { temporaryTree } from "../project/temporary-tree.ts";
import { findUnused, shrinkAwaited } from "./find-unused.ts";

const manifest = {
  name: "fixture",
  bin: { fixture: "dist/cli/main.js" },
  exports: { ".": { default: "./dist/index.js" } },
  scripts: { build: "compile --all && other" },
  dependencies: { yaml: "*" },
  peerDependencies: { zod: "*" },
  devDependencies: { zod: "*", vitest: "*", compiler: "*", "@types/yaml": "*", "@types/node": "*" },
};

const sound = {
  "package.json": JSON.stringify(manifest),
  "node_modules/compiler/package.json": JSON.stringify({ bin: { compile: "x.js" } }),
  "tools/unused/awaited.json": "[]",
  "src/index.ts": 'export * from "./kernel/index.ts";\nexport { own as mine } from "./kernel/own.ts";\n',
  "src/kernel/index.ts":
    'import { a } from "./a.ts";\nexport { a };\nimport "yaml";\nimport type { z } from "zod";\n',
  "src/kernel/a.ts": [
    "export interface Shape { readonly x: Part }",
    "export type Part = string;",
    'export const a = (shape: Shape) => import("./late.ts");',
  ].join("\n"),
  "src/kernel/own.ts": "export const own = 1;",
  "src/kernel/late.ts": "export const anything = 1;",
  "src/kernel/a.test.ts": 'import { it } from "vitest";\nimport { a } from "./a.ts";\n',
  "src/cli/main.ts": 'import * as kernel from "../kernel/b.ts";\n',
  "src/kernel/b.ts": "export const b = 1;",
  "src/kernel/large.d.ts": 'declare module "large" {\n  export function load(): void;\n}',
} as const;

type Planted = readonly [what: string, found: readonly string[], files: Readonly<Record<string, string>>];

const violations: readonly Planted[] = [
  [
    "an export that nobody imports",
    ["unused-export src/kernel/own.ts:2"],
    { "src/kernel/own.ts": "export const own = 1;\nexport const other = 2;" },
  ],
  [
    "an export that only its own module uses",
    ["unused-export src/kernel/own.ts:1"],
    { "src/kernel/own.ts": "export const other = 2;\nexport const own = other;" },
  ],
  [
    "an export that only a test imports",
    ["unused-export src/kernel/own.ts:2"],
    {
      "src/kernel/own.ts": "export const own = 1;\nexport const other = 2;",
      "src/kernel/own.test.ts": 'import { other } from "./own.ts";',
    },
  ],
  [
    "a type that nothing mentions",
    ["unused-export src/kernel/own.ts:2"],
    { "src/kernel/own.ts": "export const own = 1;\nexport interface Other { readonly x: 1 }" },
  ],
  [
    "an export that is passed on to nobody",
    ["unused-export src/cli/pass.ts:1"],
    {
      "src/cli/main.ts": 'import * as kernel from "../kernel/b.ts";\nimport {} from "./pass.ts";',
      "src/cli/pass.ts": 'export { own } from "../kernel/own.ts";',
    },
  ],
  [
    "an export that is passed on to nobody and used by nobody, where it is made",
    ["unused-export src/kernel/own.ts:2"],
    {
      "src/cli/main.ts": 'import * as kernel from "../kernel/b.ts";\nimport {} from "./pass.ts";',
      "src/cli/pass.ts": 'export { other } from "../kernel/own.ts";',
      "src/kernel/own.ts": "export const own = 1;\nexport const other = 2;",
    },
  ],
  [
    "a module that nobody imports",
    ["unused-file src/kernel/c.ts:1"],
    { "src/kernel/c.ts": "export const c = 1;" },
  ],
  [
    "a module that only a test imports",
    ["unused-file src/kernel/c.ts:1"],
    { "src/kernel/c.ts": "export const c = 1;", "src/kernel/c.test.ts": 'import "./c.ts";' },
  ],
  [
    "a dependency that only a test imports",
    ["unused-package package.json:1"],
    {
      "package.json": JSON.stringify({ ...manifest, dependencies: { yaml: "*", pg: "*" } }),
      "src/kernel/a.test.ts": 'import "vitest";\nimport "pg";\n',
    },
  ],
  [
    "a development dependency that nothing needs",
    ["unused-package package.json:1"],
    {
      "package.json": JSON.stringify({
        ...manifest,
        devDependencies: { ...manifest.devDependencies, bundler: "*" },
      }),
      "node_modules/bundler/package.json": JSON.stringify({ bin: { bundle: "x.js" } }),
    },
  ],
  [
    "types of nothing",
    ["unused-package package.json:1"],
    {
      "package.json": JSON.stringify({
        ...manifest,
        devDependencies: { ...manifest.devDependencies, "@types/pg": "*" },
      }),
      "node_modules/@types/pg/package.json": "{}",
    },
  ],
  [
    "an awaited use that has come",
    ["awaited tools/unused/awaited.json:1"],
    { "tools/unused/awaited.json": '["src/kernel/own.ts#own"]' },
  ],
];

function at(root: string): string[] {
  return findUnused(root).findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`);
}

describe("the check of unused code", () => {
  it("accepts what is used", () => {
    expect(at(temporaryTree(sound))).toEqual([]);
  });

  it.each(violations)("refuses %s", (_what, found, files) => {
    expect(at(temporaryTree({ ...sound, ...files }))).toEqual(found);
  });

  it("accepts what is awaited, and takes off the list what has come", () => {
    const awaited = ["src/kernel/own.ts#other", "src/kernel/own.ts#own", "src/kernel/c.ts", "package pg"];
    const files = {
      ...sound,
      "package.json": JSON.stringify({ ...manifest, dependencies: { yaml: "*", pg: "*" } }),
      "src/kernel/own.ts": "export const own = 1;\nexport const other = 2;",
      "src/kernel/c.ts": "export const c = 1;",
      "tools/unused/awaited.json": JSON.stringify(awaited),
    };
    const root = temporaryTree(files);
    expect(at(root)).toEqual(["awaited tools/unused/awaited.json:1"]);
    expect(shrinkAwaited(root)).toEqual(["src/kernel/own.ts#other", "src/kernel/c.ts", "package pg"]);
  });

  it("counts a package as used of which a file is resolved", () => {
    const files = {
      "package.json": JSON.stringify({ ...manifest, dependencies: { yaml: "*", pg: "*" } }),
      "src/cli/main.ts": `${sound["src/cli/main.ts"]}\nimport.meta.resolve("pg/package.json");`,
    };
    expect(at(temporaryTree({ ...sound, ...files }))).toEqual([]);
  });
});
