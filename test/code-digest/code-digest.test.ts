import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isSluiceError, type SluiceError } from "../../src/errors/index.ts";
import { type DefinitionOptions, type Files, fingerprintOf, openFixtureProject } from "./fixture-project.ts";

const head = `import { defineFunction } from "sluice";\n`;

/** A flow file whose function `f` has this body, with more code at module level. */
function flow(run: string, more = ""): string {
  return `${head}${more}\nexport const f = defineFunction({ name: "f", input: {}, output: null, run: ${run} });\n`;
}

function expectSame(a: Files | string, b: Files | string, options: DefinitionOptions = {}): void {
  expect(fingerprintOf(b, options)).toBe(fingerprintOf(a, options));
}

function expectOther(a: Files | string, b: Files | string, options: DefinitionOptions = {}): void {
  expect(fingerprintOf(b, options)).not.toBe(fingerprintOf(a, options));
}

function errorOf(files: Files | string, options: DefinitionOptions = {}): SluiceError {
  try {
    fingerprintOf(files, options);
  } catch (error) {
    if (isSluiceError(error)) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

function expectUntraceable(files: Files | string, message: RegExp, options: DefinitionOptions = {}): void {
  const error = errorOf(files, options);
  expect(error.code).toBe("function-source-missing");
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(/version/);
  expect(error.where.step).toBe(options.name ?? "f");
}

describe("edits that change nothing", () => {
  const base = flow(
    "({ text }) => { const n = text.length; return clean(text) + 1000 + n; }",
    `const mark = "!";\nfunction clean(s) { return s.trim() + mark; }`,
  );

  it.each([
    [
      "comments",
      flow(
        "({ text }) => { /* a */ const n = text.length; // b\n return clean(text) + 1000 + n; }",
        `/** c */ const mark = "!";\nfunction clean(s) { return s.trim() + mark; }`,
      ),
    ],
    [
      "quotes, parentheses, semicolons and numbers",
      flow(
        "({ text, }) => { const n = (text).length\n return ((clean(text)) + 1_000) + n;; }",
        `const mark = '!'\nfunction clean(s,) { return (s.trim()) + mark }`,
      ),
    ],
    [
      "types",
      flow(
        "({ text }: { text: string }): string => { type X = 1; const n = text!.length as number; return clean<string>(text) + (1000 satisfies number) + n; }",
        `interface Y { a: string }\nconst mark: string = "!" as const;\nfunction clean<T>(s: string): string;\nfunction clean<T extends string>(this: void, s?: T): string { return s!.trim() + mark; }\ndeclare const other: string; export type { Y };\nimport type { Z } from "./nowhere";`,
      ),
    ],
    [
      "the order of declarations",
      `${head}export const f = defineFunction({ run: ({ text }) => { const n = text.length; return clean(text) + 1000 + n; }, output: null, input: {}, name: "f" });\nfunction clean(s) { return s.trim() + mark; }\nconst mark = "!";`,
    ],
    [
      "unrelated code",
      flow(
        "({ text }) => { const n = text.length; return clean(text) + 1000 + n; }",
        `const mark = "!";\nfunction clean(s) { return s.trim() + mark; }\nexport const other = clean("x");\nimport { gone } from "./missing";\nconsole.log(gone, mark);\nclass A {}\n defineFlow("X", (flow) => { mark; clean.x = 1; });`,
      ),
    ],
    [
      "schemas",
      `${head}const mark = "!";\nfunction clean(s) { return s.trim() + mark; }\nexport const f = defineFunction({ name: "f", input: { a: z.string() }, output: z.string(), cache: true, run: ({ text }) => { const n = text.length; return clean(text) + 1000 + n; } });`,
    ],
    [
      "export and const let",
      flow(
        "({ text }) => { const n = text.length; return clean(text) + 1000 + n; }",
        `export let mark = "!";\nexport function clean(s) { return s.trim() + mark; }`,
      ),
    ],
  ])("%s", (_name, edited) => {
    expectSame(base, edited);
  });

  it("keys with and without quotes, shorthands, templates without expressions", () => {
    expectSame(flow("(a) => ({ a: a, b: 1, 2: `x` })"), flow("(a) => ({ a, 'b': 0x1, '2': \"x\" })"));
  });

  it("types of classes", () => {
    expectSame(
      flow(
        "() => new A()",
        "class B {} class A extends B { x = 1; y; static z() { return 1; } constructor() { super(); } }",
      ),
      flow(
        "() => new A<string>()",
        "abstract class B {} interface I {}\nclass A<T> extends B implements I { private readonly x: number = 1; public y!: string; declare w: string; protected static override z(): number { return 1; } [key: string]: unknown; constructor(); constructor() { super(); } }",
      ),
    );
  });

  it("where the modules are and what they are called", () => {
    expectSame(
      {
        "flow.ts": flow("() => help()", `import { help } from "./a.js";`),
        "a.ts": "export const help = () => 1;",
      },
      {
        "flow.ts": flow("() => help()", `import { help } from "./lib";`),
        "lib/index.ts": `export * from "../deep/b";`,
        "deep/b.ts": "export { help } from './c.ts';",
        "deep/c.ts": "const help = () => 1; export { help };",
      },
    );
  });

  it("JSX whitespace and comments", () => {
    using project = openFixtureProject({
      "flow.tsx": flow("() => <p class='a'>Hi {name}<B/></p>", "const name = 'x'; const B = () => 1;"),
    });
    const before = project.code({ file: "flow.tsx" }).fingerprint;
    project.write({
      "flow.tsx": flow(
        '() => (\n  <p class="a">\n    {/* c */}\n    Hi {name}\n    <B />\n  </p>\n)',
        "const name = 'x'; const B = () => 1;",
      ),
    });
    expect(project.code({ file: "flow.tsx" }).fingerprint).toBe(before);
  });
});

describe("edits that count", () => {
  it.each([
    ["the body", flow("() => 1"), flow("() => 2")],
    ["async", flow("() => 1"), flow("async () => 1")],
    ["a text", flow("() => 'a'"), flow("() => 'b'")],
    ["an operator", flow("(a) => a + 1"), flow("(a) => a - 1")],
    ["optional chaining", flow("(a) => a.b"), flow("(a) => a?.b")],
    ["grouping", flow("(a) => a * (a + 1)"), flow("(a) => a * a + 1")],
    ["a default", flow("(a = 1) => a"), flow("(a = 2) => a")],
    ["a bigint", flow("() => 1n"), flow("() => 2n")],
    ["a regular expression", flow("() => /a/u"), flow("() => /b/u")],
    ["raw text under a tag", flow("() => String.raw`\\u0041`"), flow("() => String.raw`A`")],
    [
      "a helper",
      flow("() => a()", "const a = () => b(); const b = () => 1;"),
      flow("() => a()", "const a = () => b(); const b = () => 2;"),
    ],
    [
      "which helper",
      flow("() => a()", "const a = () => 1; const b = () => 2;"),
      flow("() => b()", "const a = () => 1; const b = () => 2;"),
    ],
    [
      "shadowing",
      flow("(x) => { { const x = 1; } return x; }", "const x = 5;"),
      flow("() => { { const x = 1; } return x; }", "const x = 5;"),
    ],
    [
      "a class method",
      flow("() => new A().go()", "class A { go() { return 1; } }"),
      flow("() => new A().go()", "class A { go() { return 2; } }"),
    ],
    [
      "a base class",
      flow("() => new A()", "class B { x = 1 } class A extends B {}"),
      flow("() => new A()", "class B { x = 2 } class A extends B {}"),
    ],
    ["an enum", flow("() => E.A", "enum E { A = 1 }"), flow("() => E.A", "enum E { A = 2 }")],
    [
      "a namespace",
      flow("() => N.a", "namespace N { export const a = 1; }"),
      flow("() => N.a", "namespace N { export const a = 2; }"),
    ],
    [
      "a parameter property",
      flow("() => new A(1)", "class A { constructor(private x: number) {} }"),
      flow("() => new A(1)", "class A { constructor(x: number) {} }"),
    ],
    [
      "a destructured constant",
      flow("() => b", "const { a: [b] } = { a: [1] };"),
      flow("() => b", "const { a: [b] } = { a: [2] };"),
    ],
    [
      "a variable of a block",
      flow("() => v", "let v = 0; if (process.env.X) v = 1;"),
      flow("() => v", "let v = 0; if (process.env.X) v = 2;"),
    ],
    [
      "a component",
      flow("() => a", "const a = () => 1;"),
      flow("() => a", "const a = () => 1; a.extra = 2;"),
    ],
    [
      "a ring",
      flow("() => a(1)", "const a = (n) => b(n); function b(n) { return n ? a(n - 1) : 1; }"),
      flow("() => a(1)", "const a = (n) => b(n); function b(n) { return n ? a(n - 1) : 2; }"),
    ],
  ])("%s", (_name, a, b) => {
    expectOther(a, b);
  });

  it("covers prepare and runBatch", () => {
    const text = (prepare: string, run: string) =>
      `${head}defineFunction({ name: "f", spec: s, async prepare() { return ${prepare}; }, batching: { maxBatchSize: 2 }, runBatch: go });\nfunction go() { return ${run}; }`;
    const options: DefinitionOptions = { parts: ["prepare", "runBatch"] };
    expectOther(text("1", "1"), text("2", "1"), options);
    expectOther(text("1", "1"), text("1", "2"), options);
  });

  it("tells two helpers of one name apart", () => {
    const files = (a: string, b: string): Files => ({
      "flow.ts": flow("() => h() + g()", `import { h } from "./a"; import { h as g } from "./b";`),
      "a.ts": `export const h = () => ${a};`,
      "b.ts": `export const h = () => ${b};`,
    });
    expectOther(files("1", "2"), files("2", "1"));
  });
});

describe("other modules", () => {
  const cases: [string, (value: string) => Files][] = [
    [
      "default export of an expression",
      (v) => ({
        "flow.ts": flow("() => h()", `import h from "./a.js";`),
        "a.ts": `export default () => ${v};`,
      }),
    ],
    [
      "default export of a function",
      (v) => ({
        "flow.ts": flow("() => h()", `import h from "./a.js";`),
        "a.ts": `export default function () { return ${v}; }`,
      }),
    ],
    [
      "default through a list",
      (v) => ({
        "flow.ts": flow("() => h()", `import { default as h } from "./a.js";`),
        "a.ts": `const x = ${v}; export { x as default };`,
      }),
    ],
    [
      "namespace member",
      (v) => ({
        "flow.ts": flow("() => ns.h()", `import * as ns from "./a.js";`),
        "a.ts": `export const h = () => ${v};`,
      }),
    ],
    [
      "namespace as a value",
      (v) => ({
        "flow.ts": flow("(k) => ns[k]()", `import * as ns from "./a.js";`),
        "a.ts": `export * from "./b";`,
        "b.ts": `export const h = () => ${v};`,
      }),
    ],
    [
      "namespace re-export",
      (v) => ({
        "flow.ts": flow("() => ns.h()", `import { ns } from "./a.js";`),
        "a.ts": `export * as ns from "./b.js";`,
        "b.mts": "",
        "b.ts": `export const h = ${v};`,
      }),
    ],
    [
      "chain of stars with a ring",
      (v) => ({
        "flow.ts": flow("() => h()", `import { h } from "./a";`),
        "a.ts": `export * from "./b"; export * from "./a";`,
        "b.ts": `export * from "./a"; export * from "./c";`,
        "c.ts": `export const h = () => ${v};`,
      }),
    ],
    [
      "ring of modules",
      (v) => ({
        "flow.ts": flow("() => h()", `import { h } from "./a";`),
        "a.ts": `import { g } from "./b"; export const h = () => g();`,
        "b.ts": `import { h } from "./a"; export const g = () => h() + ${v};`,
      }),
    ],
    [
      "dynamic import",
      (v) => ({
        "flow.ts": flow(`async () => (await import("./a.js")).h()`),
        "a.ts": `export const h = () => ${v};`,
      }),
    ],
    [
      "JSON",
      (v) => ({
        "flow.ts": flow("() => data", `import data from "./a.json" with { type: "json" };`),
        "a.json": `{ "x": ${v} }`,
      }),
    ],
    [
      "CommonJS",
      (v) => ({
        "flow.ts": flow("() => h()", `import h from "./a.cjs";`),
        "a.cjs": `const b = require("./b.cjs"); module.exports = () => b;`,
        "b.cjs": `exports.x = ${v};`,
      }),
    ],
    [
      "tsconfig paths",
      (v) => ({
        "flow.ts": flow("() => h()", `import { h } from "@/a";`),
        "src/a.ts": `export const h = () => ${v};`,
        "tsconfig.json": `{ // paths\n "compilerOptions": { "paths": { "@/*": ["./src/*"], }, }, }`,
      }),
    ],
    [
      "inherited tsconfig paths",
      (v) => ({
        "flow.ts": flow("() => h()", `import { h } from "lib";`),
        "src/a.ts": `export const h = () => ${v};`,
        "tsconfig.json": `{ "extends": "./base.json" }`,
        "base.json": `{ "compilerOptions": { "baseUrl": "src", "paths": { "lib": ["a"] } } }`,
      }),
    ],
    [
      "package imports",
      (v) => ({
        "flow.ts": flow("() => h()", `import { h } from "#lib/a.js";`),
        "src/a.ts": `export const h = () => ${v};`,
        "package.json": `{ "name": "p", "imports": { "#lib/*": { "default": "./src/*" } } }`,
      }),
    ],
    [
      "own package",
      (v) => ({
        "flow.ts": flow("() => h()", `import { h } from "p/a";`),
        "src/a.ts": `export const h = () => ${v};`,
        "package.json": `{ "name": "p", "exports": { "./a": "./src/a.ts" } }`,
      }),
    ],
    [
      "import equals",
      (v) => ({
        "flow.ts": flow("() => h()", `import h = require("./a");`),
        "a.ts": `const x = () => ${v}; export = x;`,
      }),
    ],
  ];

  it.each(cases)("%s", (_name, files) => {
    expectOther(files("1"), files("2"));
    expectSame(files("1"), files("1"));
  });

  it("leaves alone what a namespace has beside the member", () => {
    const files = (v: string): Files => ({
      "flow.ts": flow("() => ns.h()", `import * as ns from "./a.js";`),
      "a.ts": `export const h = () => 1; export const g = ${v};`,
    });
    expectSame(files("1"), files("2"));
  });

  it("reads JSON by what it says", () => {
    const files = (json: string): Files => ({
      "flow.ts": flow("() => d", `import d from "./d.json";`),
      "d.json": json,
    });
    expectSame(files(`{"a":1,"b":[2]}`), files(`{ "b": [ 2 ],\n "a": 1 }`));
  });

  it("survives names that modules pass round in a ring", () => {
    const files = {
      "flow.ts": flow("(k) => [ns[k], ok]", `import * as ns from "./a"; import { ok } from "./b";`),
      "a.ts": `import { x } from "./b"; export { x }; import { T } from "./t"; export { T };`,
      "b.ts": `import { x } from "./a"; export { x }; export const ok = 1;`,
      "t.ts": "export interface T {}",
    };
    expect(fingerprintOf(files)).toHaveLength(32);
    expectUntraceable(
      { ...files, "flow.ts": flow("() => x", `import { x } from "./a";`) },
      /does not export it/,
    );
  });

  it("names a module that is missing, or that lacks the name", () => {
    expectUntraceable(flow("() => h()", `import { h } from "./gone.js";`), /"\.\/gone\.js".*not found/);
    expectUntraceable(
      { "flow.ts": flow("() => h()", `import { h } from "./a.js";`), "a.ts": "export const g = 1;" },
      /imports h from "\.\/a\.js", which does not export it/,
    );
    expectUntraceable(flow("(x) => import(x)"), /only known at run time/);
  });
});

describe("code at module level that changes what is reached", () => {
  const md = "const md = make(); function make() { return { use() {}, x: 1 }; }";
  it.each([
    ["a method", "md.use(1);", "md.use(2);"],
    ["an assignment", "md.x = 1;", "md.x = 2;"],
    ["Object.assign", "Object.assign(md, { a: 1 });", "Object.assign(md, { a: 2 });"],
    ["a function that is given it", "setup(md, 1);", "setup(md, 2);"],
    [
      "the function that is given it",
      "setup(md); function setup(m) { m.x = 1; }",
      "setup(md); function setup(m) { m.x = 2; }",
    ],
    ["a declaration", "const done = md.use(1);", "const done = md.use(2);"],
    ["a loop", "for (const p of [1]) md.use(p);", "for (const p of [2]) md.use(p);"],
    ["an iteration", "[1].forEach((p) => md.use(p));", "[2].forEach((p) => md.use(p));"],
    ["a function called at once", "(() => { md.x = 1; })();", "(() => { md.x = 2; })();"],
    ["delete", "delete md.x;", "delete md.y;"],
    ["order", "md.use(1); md.use(2);", "md.use(2); md.use(1);"],
  ])("%s", (_name, a, b) => {
    expectOther(flow("() => md.x", `${md} ${a}`), flow("() => md.x", `${md} ${b}`));
    expectSame(flow("() => 1", `${md} ${a}`), flow("() => 1", `${md} ${b}`));
  });

  it.each([
    [
      "a flow that mentions it",
      `defineFlow("X", (flow) => { md.use(1); });`,
      `defineFlow("X", (flow) => { md.use(2); });`,
    ],
    ["a function that is not called", "function later() { md.use(1); }", "function later() { md.use(2); }"],
    ["printing", "console.log(md, 1);", "console.log(md, 2);"],
    [
      "the order for different values",
      "const o = {}; md.x = 1; o.x = 1;",
      "const o = {}; o.x = 1; md.x = 1;",
    ],
  ])("not %s", (_name, a, b) => {
    expectSame(flow("() => md.x", `${md} ${a}`), flow("() => md.x", `${md} ${b}`));
  });

  it("counts in the modules that were passed, and those imported for their effects", () => {
    const files = (v: string, w: string): Files => ({
      "flow.ts": flow(
        "() => render()",
        `import { render } from "./render"; import { md } from "./md"; import "./setup"; md.use(${v});`,
      ),
      "render.ts": `import { md } from "./md"; export const render = () => md.render();`,
      "md.ts": `export const md = { plugins: [] };`,
      "setup.ts": `import * as all from "./md"; all.md.use(${w});`,
    });
    expectOther(files("1", "1"), files("2", "1"));
    expectOther(files("1", "1"), files("1", "2"));
  });

  it("counts plugins of packages, not the use of schemas", () => {
    const files = (statement: string): Files => ({
      "flow.ts": flow(
        "() => marked.parse(z.string())",
        `import { marked } from "marked"; import { z } from "zod"; ${statement}`,
      ),
      "node_modules/marked/package.json": `{ "name": "marked", "version": "1.0.0" }`,
      "node_modules/zod/package.json": `{ "name": "zod", "version": "4.0.0" }`,
    });
    expectOther(files("marked.use({ a: 1 });"), files("marked.use({ a: 2 });"));
    expectSame(files("const s = z.object({ a: 1 });"), files("const s = z.object({ a: 2 });"));
  });
});

describe("packages", () => {
  const files = (version: string, more: Files = {}): Files => ({
    "src/flow.ts": flow(
      "({ text }) => new Md(text, join)",
      `import Md from "markdown-it"; import { join } from "path"; import { z } from "other";`,
    ),
    "node_modules/markdown-it/package.json": `{ "name": "markdown-it", "version": "${version}" }`,
    "node_modules/other/package.json": `{ "name": "other", "version": "${version}" }`,
    ...more,
  });

  it("counts name and version of those reached", () => {
    using project = openFixtureProject(files("1.0.0"));
    const code = project.code({ file: "src/flow.ts" });
    expect(code.packages).toEqual(["markdown-it@1.0.0"]);
    project.write(files("1.0.1"));
    const later = project.code({ file: "src/flow.ts" });
    expect(later.packages).toEqual(["markdown-it@1.0.1"]);
    expect(later.fingerprint).not.toBe(code.fingerprint);
  });

  it("finds the copy that is nearest", () => {
    using project = openFixtureProject(
      files("1.0.0", {
        "src/node_modules/markdown-it/package.json": `{ "name": "markdown-it", "version": "2.0.0" }`,
      }),
    );
    expect(project.code({ file: "src/flow.ts" }).packages).toEqual(["markdown-it@2.0.0"]);
  });

  it("counts a dynamic import", () => {
    using project = openFixtureProject({
      "flow.ts": flow(`async () => (await import("@a/b/deep")).x`),
      "node_modules/@a/b/package.json": `{ "name": "@a/b", "version": "3.1.0" }`,
    });
    expect(project.code().packages).toEqual(["@a/b@3.1.0"]);
  });

  it("does not count Sluice's version", () => {
    const withSluice = (version: string): Files => ({
      "flow.ts": flow(
        "() => vector(3)",
        `import { vector } from "sluice"; import * as s from "sluice/testing";`,
      ),
      "node_modules/sluice/package.json": `{ "name": "sluice", "version": "${version}" }`,
    });
    expectSame(withSluice("1.0.0"), withSluice("2.0.0"));
  });

  it("follows a linked package of the workspace to its source", () => {
    using project = openFixtureProject({
      "app/flow.ts": flow("() => help()", `import { help } from "@acme/help/sub";`),
      "packages/help/package.json": `{ "name": "@acme/help", "version": "1.0.0", "exports": { "./*": { "types": "./x.d.ts", "import": "./dist/*.js" } } }`,
      "packages/help/dist/sub.js": "export const help = () => 0;\n//# sourceMappingURL=sub.js.map",
      "packages/help/dist/sub.js.map": `{ "version": 3, "sources": ["../src/sub.ts"], "names": [], "mappings": "AAAA" }`,
      "packages/help/src/sub.ts": `import { n } from "./n.js"; export const help = (): number => n;`,
      "packages/help/src/n.ts": "export const n = 1;",
    });
    mkdirSync(project.path("node_modules/@acme"), { recursive: true });
    symlinkSync(project.path("packages/help"), project.path("node_modules/@acme/help"), "dir");
    const options = { file: "app/flow.ts" };
    const before = project.code(options);
    expect(before.packages).toEqual([]);
    project.write({ "packages/help/src/n.ts": "export const n = 2; // longer" });
    expect(project.code(options).fingerprint).not.toBe(before.fingerprint);
    rmSync(project.path("packages/help/dist"), { recursive: true });
    expect(project.code(options).packages).toEqual(["@acme/help@1.0.0"]);
  });

  it("takes a function of an installed package as it was published", () => {
    const file = "node_modules/lib/dist/f.js";
    const files = (map: string): Files => ({
      [file]: `${flow("() => [help(), helper()]", `import { helper } from "./helper.js"; const help = () => 1;`)}${map}`,
      "node_modules/lib/dist/helper.js": "export const helper = () => 1;",
      "node_modules/lib/package.json": `{ "name": "lib", "version": "2.0.0" }`,
      "node_modules/lib/dist/f.js.map": `{ "version": 3, "sources": ["../src/f.ts"], "names": [], "mappings": "AAAA" }`,
    });
    using project = openFixtureProject(files("//# sourceMappingURL=f.js.map"));
    expect(project.code({ file })).toEqual({
      fingerprint: fingerprintOf(files(""), { file }),
      packages: ["lib@2.0.0"],
    });
  });

  it("asks for a version where a package is missing", () => {
    expectUntraceable(flow("() => x()", `import x from "not-installed";`), /"not-installed".*not found/);
  });
});

describe("values from around the definition", () => {
  const factory = `${head}export function make(suffix) { const more = 1; return defineFunction({ name: "f", run: ({ text }) => text + suffix }); }`;

  it("names the variable that neither the module nor deps has", () => {
    const error = errorOf(factory);
    expect(error.message).toMatch(/function f .*flow\.ts:2 uses suffix/);
    expect(error.hint).toBe("Give function f a version, or list suffix in its deps.");
  });

  it("takes deps by value", () => {
    const one = fingerprintOf(factory, { deps: { suffix: "a" } });
    expect(fingerprintOf(factory, { deps: { suffix: "a" } })).toBe(one);
    expect(fingerprintOf(factory, { deps: { suffix: "b" } })).not.toBe(one);
  });

  it("does not follow a name of the module that deps gives", () => {
    const text = (v: string) => flow("() => table", `const table = load(${v});`);
    expectSame(text("1"), text("2"), { deps: { table: [1] } });
    expect(fingerprintOf(text("1"), { deps: { table: [2] } })).not.toBe(
      fingerprintOf(text("1"), { deps: { table: [1] } }),
    );
  });

  it.each([
    ["a variable of a block", `{ const x = 1; defineFunction({ name: "f", run: () => x }); }`, /uses x/],
    ["a loop variable", `for (const x of [1]) defineFunction({ name: "f", run: () => x });`, /uses x/],
    ["this", `class A { go() { return defineFunction({ name: "f", run: () => this.x }); } }`, /uses this/],
    [
      "arguments",
      `function go() { return defineFunction({ name: "f", run: () => arguments[0] }); }`,
      /uses arguments/,
    ],
    [
      "a local function",
      `function go() { const h = () => 1; return defineFunction({ name: "f", run: h }); }`,
      /uses h/,
    ],
  ])("refuses %s", (_name, text, message) => {
    expectUntraceable(head + text, message);
  });

  it("takes what is a global", () => {
    expect(fingerprintOf(flow("() => new URL(process.env.X ?? undefined, globalThis.y)"))).toHaveLength(32);
  });

  it("refuses deps that cannot be seen through", () => {
    expectUntraceable(factory, /deps\.suffix is a function/, { deps: { suffix: () => 1 } });
  });
});

describe("finding the definition", () => {
  it("takes a config that is bound to a name, and spreads of literals", () => {
    const text = (v: string) =>
      `${head}const base = { input: {}, run: () => ${v} };\nconst config = { ...base, name: "f" } as const;\ndefineFunction(config);`;
    expectOther(text("1"), text("2"));
    expectSame(text("1"), flow("() => 1"));
  });

  it("tells functions apart by name, and by position where names are equal", () => {
    const two = `${head}defineFunction({ name: "f", run: () => 1 });\ndefineFunction({ name: "f", run: () => 2 });\ndefineFunction({ name: "g", run: () => 3 });`;
    expect(fingerprintOf(two, { line: 3, column: 1 })).toBe(fingerprintOf(flow("() => 2")));
    expect(fingerprintOf(two, { line: 2, column: 40 })).toBe(fingerprintOf(flow("() => 1")));
    expect(fingerprintOf(two, { name: "g" })).toBe(fingerprintOf(flow("() => 3")));
    expectUntraceable(two, /several functions of that name/, { line: 99 });
  });

  it("takes the only one whose name is not written", () => {
    const text = `${head}for (const name of ["f"]) defineFunction({ name, run: () => 1 });\ndefineFunction({ name: "g", run: () => 2 });`;
    expect(fingerprintOf(text, { line: 77 })).toBe(fingerprintOf(flow("() => 1")));
    expectUntraceable(`${text}\nfor (const name of []) defineFunction({ name, run: () => 3 });`, /several/, {
      line: 77,
    });
  });

  it("takes defineFunction under another name", () => {
    const text = `import { defineFunction as df } from "sluice"; import * as s from "sluice"; other({ name: "f", run: () => 9 });\n`;
    expectSame(`${text}df({ name: "f", run: () => 1 });`, flow("() => 1"));
    expectSame(`${text}s.defineFunction({ name: \`f\`, run: () => 1 });`, flow("() => 1"));
    expectSame(`import { fn } from "./mine"; fn({ name: "f", run: () => 1 });`, flow("() => 1"));
  });

  it("takes JavaScript without a source map as it is", () => {
    using project = openFixtureProject({ "flow.mjs": flow("() => 1") });
    expect(project.code({ file: "flow.mjs" }).fingerprint).toBe(fingerprintOf(flow("() => 1")));
    expect(project.code({ file: "flow.mjs?t=1" }).fingerprint).toBe(fingerprintOf(flow("() => 1")));
  });

  it("asks for a version where there is nothing to read", () => {
    expectUntraceable(`${head}defineFunction(configs[0]);`, /no call in .*flow\.ts defines it/);
    expectUntraceable(
      `${head}const wrap = (c) => defineFunction({ ...c, name: "f" }); wrap({ run: () => 1 });`,
      /its run is not written/,
    );
    expectUntraceable("const = ;", /cannot be parsed/);
    using project = openFixtureProject({});
    for (const file of ["gone.ts"]) expect(() => project.code({ file })).toThrow(/gone\.ts does not exist/);
  });
});
