import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findRings } from "../project/rings.ts";
import { temporaryTree } from "../project/temporary-tree.ts";
import { findViolations } from "./find-violations.ts";
import { layers } from "./layers.ts";

const manifest = {
  name: "fixture",
  exports: {
    "./postgres": { default: "./dist/connectors/postgres/index.js" },
    "./pglite": { default: "./dist/connectors/postgres/pglite.js" },
    "./functions": { default: "./dist/functions/index.js" },
  },
  dependencies: { "@babel/parser": "*", msgpackr: "*", commander: "*", lmdb: "*" },
  peerDependencies: { zod: "*" },
  devDependencies: { vitest: "*", pg: "*" },
};

/** A tree that uses everything that the table allows and breaks none of it. */
const sound = {
  "package.json": JSON.stringify(manifest),
  "src/kernel/clock.ts":
    "export const now = () => Date.now() + performance.now();\nsetTimeout(now, 1);\nsetImmediate(now);\n",
  "src/kernel/environment.ts": "export const of = (name: string) => process.env[name];\n",
  "src/kernel/random.ts": "export const next = () => Math.random();\n",
  "src/errors/index.ts": 'export * from "../kernel/clock.ts";\n',
  "src/values/key.ts": [
    'import { hash } from "node:crypto";',
    'import { crc32 } from "node:zlib";',
    'import { pack } from "msgpackr";',
    'import type { z } from "zod";',
    "const process = (console: Console) => console.log;",
    'export const key = [hash, crc32, pack, process, new Date(0), Math.max(1), "console" as unknown as z.ZodType];',
  ].join("\n"),
  "src/contracts/port.ts": 'export type Key = typeof import("../values/key.ts").key;\n',
  "src/flow/flow.ts": 'export * from "../contracts/port.ts";\n',
  "src/contracts/registry.ts":
    'const place = Symbol.for("x");\nexport const registry = () => globalThis as { [place]?: 1 };\n',
  "src/plan/plan.ts": 'export * from "../flow/flow.ts";\n',
  "src/setup/setup.ts": 'export * from "../plan/plan.ts";\n',
  "src/setup/setup.test.ts":
    'import "vitest";\nimport "node:fs";\nimport "../flow/flow.ts";\nimport "../testing/index.ts";\nimport "../../test/support/tree.ts";\n',
  "test/support/tree.ts": "export {};",
  "src/engine/step.ts": 'export * from "../plan/plan.ts";\n',
  "src/stores/lmdb/index.ts": 'import "lmdb";\nexport * from "./open.ts";\n',
  "src/stores/lmdb/open.ts": 'import "node:fs";\nexport * from "../../contracts/port.ts";\n',
  "src/stores/memory/index.ts": "export const memory = 1;\n",
  "src/connectors/postgres/index.ts": "export const postgres = 1;\n",
  "src/connectors/postgres/pglite.ts": "export const pglite = 1;\n",
  "src/functions/models/index.ts": "export const models = 1;\n",
  "src/functions/embed/index.ts": 'export * from "../models/index.ts";\n',
  "src/functions/index.ts": 'export * from "./embed/index.ts";\n',
  "src/app/code/digest.ts": 'import "@babel/parser";\nimport "../../engine/step.ts";\n',
  "src/app/update.ts":
    'import "./code/digest.ts";\nimport "../stores/lmdb/index.ts";\nawait import(String(process.argv[2]));\n',
  "src/server/index.ts": 'import "../app/update.ts";\n',
  "src/cli/main.ts": 'import "commander";\nimport "./commands/update.ts";\n',
  "src/cli/commands/update.ts": 'import "../display.ts";\nimport "../../server/index.ts";\n',
  "src/cli/display.ts": "console.log(1);\n",
  "src/testing/index.ts": 'import "../app/update.ts";\nimport "../stores/memory/index.ts";\n',
  "src/index.ts": 'import "./app/update.ts";\nexport * from "./flow/flow.ts";\n',
} as const;

type Planted = readonly [what: string, rule: string, at: string, files: Readonly<Record<string, string>>];

const planted: readonly Planted[] = [
  [
    "a static import upwards",
    "layer",
    "src/values/a.ts:1",
    { "src/values/a.ts": 'import { x } from "../contracts/port.ts";' },
  ],
  [
    "a dynamic import",
    "layer",
    "src/kernel/a.ts:2",
    { "src/kernel/a.ts": '\nawait import("../errors/index.ts");' },
  ],
  [
    "a type-only import",
    "layer",
    "src/plan/a.ts:1",
    { "src/plan/a.ts": 'import type { X } from "../engine/step.ts";' },
  ],
  [
    "a re-export",
    "layer",
    "src/engine/a.ts:1",
    { "src/engine/a.ts": 'export { x } from "../setup/setup.ts";' },
  ],
  [
    "an import() type",
    "layer",
    "src/contracts/a.ts:1",
    { "src/contracts/a.ts": 'type X = import("../flow/flow.ts").Key;' },
  ],
  [
    "a store in the engine",
    "layer",
    "src/engine/a.ts:1",
    { "src/engine/a.ts": 'import "../stores/lmdb/index.ts";' },
  ],
  [
    "a connector in the app",
    "layer",
    "src/app/a.ts:1",
    { "src/app/a.ts": 'import "../connectors/postgres/index.ts";' },
  ],
  ["the plan in the cli", "layer", "src/cli/a.ts:1", { "src/cli/a.ts": 'import "../plan/plan.ts";' }],
  [
    "the engine in the testing kit",
    "layer",
    "src/testing/a.ts:1",
    { "src/testing/a.ts": 'import "../engine/step.ts";' },
  ],
  ["the public entry from inside", "layer", "src/app/a.ts:1", { "src/app/a.ts": 'import "../index.ts";' }],
  [
    "a sibling plugin",
    "layer",
    "src/stores/lmdb/a.ts:1",
    { "src/stores/lmdb/a.ts": 'import "../memory/index.ts";' },
  ],
  [
    "a test above its layer",
    "layer",
    "src/plan/a.test.ts:1",
    { "src/plan/a.test.ts": 'import "../engine/step.ts";' },
  ],
  [
    "a plugin entered past its index",
    "deep-import",
    "src/app/a.ts:1",
    { "src/app/a.ts": 'import "../stores/lmdb/open.ts";' },
  ],
  [
    "a ring between files",
    "file-ring",
    "src/flow/a.ts:1",
    {
      "src/flow/a.ts": 'import { b } from "./b.ts";\nexport const a = b;',
      "src/flow/b.ts": 'import { a } from "./a.ts";\nexport const b = a;',
    },
  ],
  [
    "a ring of types only",
    "file-ring",
    "src/flow/a.ts:1",
    {
      "src/flow/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;',
      "src/flow/b.ts": 'import type { A } from "./c.ts";\nexport type B = A;',
      "src/flow/c.ts": 'export type { A } from "./a.ts";',
    },
  ],
  [
    "a ring between folders",
    "folder-ring",
    "src/engine/rows/one.ts:1",
    {
      "src/engine/rows/one.ts": 'import "../steps/one.ts";',
      "src/engine/rows/two.ts": "export {};",
      "src/engine/steps/one.ts": "export {};",
      "src/engine/steps/two.ts": 'import "../rows/two.ts";',
    },
  ],
  ["a built-in", "builtin", "src/engine/a.ts:1", { "src/engine/a.ts": 'import { join } from "path";' }],
  [
    "a built-in in contracts",
    "builtin",
    "src/contracts/a.ts:1",
    { "src/contracts/a.ts": 'import { hash } from "node:crypto";' },
  ],
  [
    "a built-in that is not hashing",
    "builtin",
    "src/values/a.ts:1",
    { "src/values/a.ts": 'import { hash, randomBytes } from "node:crypto";' },
  ],
  [
    "a whole hashing built-in",
    "builtin",
    "src/values/a.ts:1",
    { "src/values/a.ts": 'import * as zlib from "node:zlib";' },
  ],
  ["a package", "package", "src/plan/a.ts:1", { "src/plan/a.ts": 'import "zod";' }],
  [
    "a package of another folder",
    "package",
    "src/app/a.ts:1",
    { "src/app/a.ts": 'import type { X } from "@babel/parser";' },
  ],
  [
    "an undeclared package",
    "undeclared",
    "src/stores/lmdb/a.ts:1",
    { "src/stores/lmdb/a.ts": 'await import("pg");' },
  ],
  [
    "an undeclared require",
    "undeclared",
    "src/server/a.ts:1",
    { "src/server/a.ts": 'require("hono/serve");' },
  ],
  [
    "a computed import",
    "computed-import",
    "src/stores/lmdb/a.ts:1",
    { "src/stores/lmdb/a.ts": "await import(String(1));" },
  ],
  [
    "a require of a computed name",
    "computed-import",
    "src/connectors/files/a.ts:3",
    {
      "src/connectors/files/a.ts":
        'import { createRequire } from "node:module";\nconst thatRequire = createRequire(import.meta.url);\nthatRequire(String(1));',
    },
  ],
  [
    "a require under a name that its calls cannot be told by",
    "computed-import",
    "src/connectors/files/a.ts:2",
    {
      "src/connectors/files/a.ts":
        'import { createRequire } from "node:module";\nconst load = createRequire(import.meta.url);\nload("pg");',
    },
  ],
  [
    "an undeclared package by a require of its own",
    "undeclared",
    "src/connectors/files/a.ts:3",
    {
      "src/connectors/files/a.ts":
        'import { createRequire } from "node:module";\nconst thatRequire = createRequire(import.meta.url);\nthatRequire("pg");',
    },
  ],
  [
    "an import that leads nowhere",
    "unresolved",
    "src/flow/a.ts:1",
    { "src/flow/a.ts": 'import "./missing.ts";' },
  ],
  ["a folder outside the table", "unknown-folder", "src/extras/a.ts:1", { "src/extras/a.ts": "export {};" }],
  [
    "what is for tests",
    "layer",
    "src/cli/a.ts:1",
    { "src/cli/a.ts": 'import "../../test/support/tree.ts";' },
  ],
  ["a file outside every folder", "unknown-folder", "src/a.ts:1", { "src/a.ts": "export {};" }],
  [
    "a plugin that imports the entry of all",
    "layer",
    "src/functions/split/index.ts:1",
    { "src/functions/split/index.ts": 'import type { X } from "../index.ts";' },
  ],
  [
    "an entry of all plugins that reaches into one",
    "deep-import",
    "src/functions/index.ts:1",
    {
      "src/functions/index.ts": 'export * from "./embed/vectors.ts";',
      "src/functions/embed/vectors.ts": "export {};",
    },
  ],
  ["a plugin that is a file", "unknown-folder", "src/stores/a.ts:1", { "src/stores/a.ts": "export {};" }],
  ["a module that is not read", "unread", "src/flow/a.js:1", { "src/flow/a.js": "" }],
  [
    "a port that wraps nothing",
    "stale-port",
    "src/kernel/random.ts:1",
    { "src/kernel/random.ts": "export {};" },
  ],
  ...[
    "Date.now()",
    "new Date()",
    "Date()",
    "Math.random()",
    "({ ...Math })",
    "console.log(1)",
    "process.pid",
    "setTimeout(f, 1)",
    "setInterval(f, 1)",
    "setImmediate(f)",
    "performance.now()",
    "globalThis.fetch(f)",
    "fetch(f)",
    'globalThis["Date"]',
    "(globalThis as { fetch: never }).fetch",
    "crypto.randomUUID()",
    "AbortSignal.timeout(1)",
    "({ performance })",
  ].map(
    (code): Planted => [
      code,
      "global",
      "src/plan/a.ts:2",
      { "src/plan/a.ts": `declare const f: never;\n${code};` },
    ],
  ),
  ["a global in kernel", "global", "src/kernel/a.ts:1", { "src/kernel/a.ts": "console.log(1);" }],
];

function at(findings: ReturnType<typeof findViolations>["findings"]): string[] {
  return findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`);
}

describe("the layer check", () => {
  it("accepts what the table allows", () => {
    const result = findViolations(temporaryTree(sound));
    expect(at(result.findings)).toEqual([]);
    expect(result.filesRead).toBe(Object.keys(sound).length - 2);
  });

  it.each(planted)("refuses %s", (_what, rule, place, files) => {
    const { findings } = findViolations(temporaryTree({ ...sound, ...files }));
    expect(at(findings)).toEqual([`${rule} ${place}`]);
  });

  it("fails when it read nothing", () => {
    const root = temporaryTree({ "package.json": "{}", "src/README.md": "" });
    expect(at(findViolations(root).findings)).toContain("files-read src:1");
  });

  it("fails when a file cannot be read, and when it read fewer than there are", () => {
    const root = temporaryTree(sound);
    symlinkSync(join(root, "gone.ts"), join(root, "src/flow/link.ts"));
    expect(at(findViolations(root).findings)).toEqual(["unread src/flow/link.ts:1", "files-read src:1"]);
  });
});

describe("the dependency table", () => {
  it("has no ring itself", () => {
    const graph = new Map(
      Object.entries(layers).map(([name, layer]) => [name, new Set<string>(layer.imports)]),
    );
    expect(findRings(graph)).toEqual([]);
  });
});
