import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCodeDigest } from "../../src/app/code/index.ts";
import { defineFunction } from "../../src/contracts/define-function.ts";
import { fingerprintOf } from "./fixture-project.ts";
import { type LoaderProject, openLoaderProject, removeBuiltSluice, tsxLoader } from "./loader-project.ts";

const main = (files: readonly string[]) => `
import { createCodeDigest } from "sluice/code";
${files.map((file, index) => `import * as m${index} from "${file}";`).join("\n")}
const digest = createCodeDigest();
const found: Record<string, string> = {};
for (const [key, use] of Object.entries({ ${files.map((_file, index) => `...m${index}`).join(", ")} })) {
  if (!("definition" in use)) continue;
  try { found[key] = digest.of((use as any).definition).fingerprint; } catch (error) { found[key] = String(error); }
}
console.log(JSON.stringify(found));
`;

/** What type stripping takes too: no enums. */
const plain = `
import { defineFunction } from "sluice";
import { z } from "zod";
import type { Options } from "./types.ts";
import { clean, type Cleaned } from "./helpers.ts";
import * as names from "./helpers.ts";
import Fake, { type FakeOptions } from "fake";

interface Row {
  text: string;
}

const options: Options & FakeOptions = { loud: true };
export const shout = defineFunction({
  name: "shout",
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }: Row): string => clean(text as Cleaned) + (options.loud ? "!" : ""),
});

export const slow = defineFunction({
  name: "slow",
  input: { text: z.string() },
  output: z.string(),
  batching: { maxBatchSize: 10 },
  async runBatch(inputs) {
    const { join } = await import("node:path");
    return inputs.map(({ text }) => join(names.suffix, new Fake(text).render(text)));
  },
});

function twinOf(one: boolean) {
  const input = { text: z.string() };
  type Unused = { a: 1 };
  if (one) return defineFunction({ name: "twin", input, output: z.string(), run: ({ text }) => text + "1" });
  return defineFunction({ name: "twin", input, output: z.string(), run: ({ text }) => text + "2" });
}

export const twinOne = twinOf(true);
export const twinTwo = twinOf(false);

export function closed(suffix: string) {
  return defineFunction({
    name: "closed",
    input: { text: z.string() },
    output: z.string(),
    deps: { suffix },
    run: ({ text }) => text + suffix,
  });
}
export const closedA = closed("a");
export const closedB = closed("b");
`;

const rich = `
import { defineFunction } from "sluice";
import { z } from "zod";
import data from "../data.json" with { type: "json" };
import { Level, Reader, N } from "./barrel.ts";

const registry: { list: unknown[] } = { list: [] };
registry.list.push(Level.High);

export const leveled = defineFunction({
  name: "leveled",
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => new Reader(text, Level.High).read() + N.mark + registry.list.length + data.word,
});
`;

const files = {
  "src/plain.ts": plain,
  "src/rich.ts": rich,
  "src/types.ts": "export interface Options { loud: boolean }",
  "src/helpers.ts": `export type Cleaned = string;\nexport const suffix = "s";\nexport function clean(text: Cleaned): string {\n  return text.trim();\n}\n`,
  "src/barrel.ts": `export * from "./levels.ts";\nexport { default as Reader } from "./reader.ts";`,
  "src/levels.ts": "export enum Level { Low, High = 5 }\nexport namespace N { export const mark = '#'; }",
  "src/reader.ts": `import { Level } from "./levels.ts";\nexport default class Reader {\n  constructor(private readonly text: string, public level: Level) {}\n  read(): string { return this.text + this.level; }\n}`,
  "src/main.ts": main(["./plain.ts", "./rich.ts"]),
  "src/main-plain.ts": main(["./plain.ts"]),
  "data.json": `{ "word": "w" }`,
  "node_modules/fake/package.json": `{ "name": "fake", "version": "1.2.3", "type": "module", "main": "index.js", "types": "index.d.ts" }`,
  "node_modules/fake/index.js": "export default class { render(t) { return t; } }",
  "node_modules/fake/index.d.ts":
    "export interface FakeOptions { loud: boolean }\nexport default class Fake { constructor(text: string); render(text: string): string }",
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      module: "NodeNext",
      rootDir: ".",
      outDir: "out",
      sourceMap: true,
      rewriteRelativeImportExtensions: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      strict: false,
      types: ["node"],
    },
    include: ["src"],
  }),
};

let project: LoaderProject;
let expected: Record<string, string>;

beforeAll(() => {
  project = openLoaderProject(files);
  expected = project.run([...tsxLoader, "src/main.ts"]);
}, 180_000);

afterAll(() => {
  project[Symbol.dispose]();
  removeBuiltSluice();
});

const external = ["--bundle", "--platform=node", "--format=esm", "--packages=external"];

// Programs are started, and compilers among them.
describe("every loader sees the same code", { timeout: 180_000 }, () => {
  it("as a digest of each function", () => {
    const names = ["closedA", "closedB", "leveled", "shout", "slow", "twinOne", "twinTwo"];
    expect(Object.keys(expected).sort()).toEqual(names);
    const fingerprints = names.map((name) => expected[name]);
    for (const fingerprint of fingerprints) expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(fingerprints).size).toBe(names.length);
  });

  it("jiti", () => {
    expect(project.run(["run-jiti.mjs"])).toEqual(expected);
  });

  it("tsc", () => {
    project.tsc(["--outDir", "out-tsc"]);
    expect(project.run(["out-tsc/src/main.js"])).toEqual(expected);
    expect(project.run(["--enable-source-maps", "out-tsc/src/main.js"])).toEqual(expected);
    const inPieces = project.withoutSources(() => project.run(["out-tsc/src/main.js"]));
    expect(inPieces.shout).toMatch(/function-source-missing|cannot be followed/);
  });

  it("tsc with the sources inside, and without them on disk", () => {
    project.tsc(["--outDir", "out-inline", "--inlineSources"]);
    expect(project.run(["out-inline/src/main.js"])).toEqual(expected);
    expect(project.withoutSources(() => project.run(["out-inline/src/main.js"]))).toEqual(expected);
  });

  it.each([
    ["with sourcesContent", ["--sourcemap"], true],
    ["without sourcesContent", ["--sourcemap", "--sources-content=false"], false],
    ["inline and minified", ["--sourcemap=inline", "--minify"], true],
    ["in chunks", ["--sourcemap", "--splitting"], true],
  ])("an esbuild bundle %s", (name, options, carriesSources) => {
    const directory = `out-${name.replaceAll(" ", "-")}`;
    project.esbuild(["src/main.ts", ...external, ...options, `--outdir=${directory}`]);
    const run = () => project.run([`${directory}/main.js`]);
    expect(run()).toEqual(expected);
    if (!carriesSources) return;
    // esbuild leaves files without code of their own out of the map, such as those that only re-export.
    const alone = project.withoutSources(run);
    expect(alone).toEqual({ ...expected, leveled: expect.stringMatching(/barrel\.ts.*was not found/) });
  });

  it("an esbuild bundle in CommonJS", () => {
    const options = ["--bundle", "--platform=node", "--format=cjs", "--packages=external", "--sourcemap"];
    project.esbuild(["src/main.ts", ...options, "--outfile=out-cjs/main.cjs"]);
    expect(project.run(["out-cjs/main.cjs"])).toEqual(expected);
  });

  it("a build run by jiti or tsx", () => {
    project.esbuild(["src/main.ts", ...external, "--sourcemap", "--outfile=out-twice/main.js"]);
    expect(project.run([...tsxLoader, "out-twice/main.js"])).toEqual(expected);
    project.write({
      "run-twice.mjs": `import { createJiti } from "jiti"; await createJiti(import.meta.url).import("./out-twice/main.js");`,
    });
    expect(project.run(["run-twice.mjs"])).toEqual(expected);
  });

  it("Node's own type stripping", (context) => {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    if (major < 22 || (major === 22 && minor < 18)) {
      context.skip(`Node ${process.versions.node} does not strip types; 22.18 does`);
    }
    const { leveled: _leveled, ...plainOnes } = expected;
    expect(project.run(["src/main-plain.ts"])).toEqual(plainOnes);
  });

  it("a build without a source map is what was written", () => {
    project.esbuild(["src/main.ts", ...external, "--outfile=out-none/main.js"]);
    expect(project.run(["out-none/main.js"]).shout).toMatch(/^[0-9a-f]{32}$/);
  });

  it("plain JavaScript, by exact position where names are equal", () => {
    const one = `df.defineFunction({ name: "twin", input: {}, output: z.string(), run: () => "1" })`;
    project.write({
      "twins.mjs": `import { createCodeDigest } from "sluice/code"; import { z } from "zod"; import * as df from "sluice"; const { defineFunction } = df;
        const twins = [${one}, ${one.replace('"1"', '"2"')}, ${one.replace("df.", "").replace('"1"', '"3"')}];
        const digest = createCodeDigest();
        console.log(JSON.stringify(Object.fromEntries(twins.map((twin, i) => [i, digest.of(twin.definition).fingerprint]))));`,
    });
    const written = (run: string) =>
      `import { defineFunction } from "sluice"; defineFunction({ name: "f", run: () => ${run} });`;
    expect(Object.values(project.run(["twins.mjs"]))).toEqual(
      ['"1"', '"2"', '"3"'].map((run) => fingerprintOf(written(run))),
    );
  });

  it("code without a file asks for a version", () => {
    const text = `import { defineFunction } from "sluice"; import { createCodeDigest } from "sluice/code"; import { z } from "zod";
      const f = defineFunction({ name: "f", input: {}, output: z.string(), run: () => "" });
      try { createCodeDigest().of(f.definition); } catch (e) { console.log(JSON.stringify({ code: e.code, message: e.message })); }`;
    expect(project.run(["--input-type=module", "-e", text])).toMatchObject({
      code: "function-source-missing",
    });
  });
});

it("a test runner's transform", () => {
  const f = defineFunction({
    name: "f",
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }: { text: string }): string => text + mark,
  });
  const written = `import { defineFunction } from "sluice"; const mark = "?"; defineFunction({ name: "f", run: ({ text }) => text + mark });`;
  expect(createCodeDigest().of(f.definition).fingerprint).toBe(fingerprintOf(written));
});

const mark = "?";
