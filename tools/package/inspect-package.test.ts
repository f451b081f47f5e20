import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryTree } from "../project/temporary-tree.ts";
import { inspectPackage } from "./inspect-package.ts";

const manifest = {
  name: "fixture",
  version: "1.0.0",
  license: "Apache-2.0",
  type: "module",
  sideEffects: false,
  files: ["dist"],
  engines: { node: ">=20" },
  bin: { fixture: "dist/main.js" },
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
};
const mapOf = (source: string) =>
  JSON.stringify({ version: 3, sources: [`../${source}`], sourcesContent: ["export {};"] });

const sound: Readonly<Record<string, string>> = {
  "installed/package.json": JSON.stringify(manifest),
  "installed/README.md": "# Fixture",
  "installed/dist/index.js": "export const x = 1;",
  "installed/dist/index.js.map": mapOf("src/index.ts"),
  "installed/dist/index.d.ts": "export declare const x: number;",
  "installed/dist/main.js": "#!/usr/bin/env node\nexport const y = 1;",
  "installed/dist/main.js.map": mapOf("src/main.ts"),
  "src/index.ts": "export const x = 1;",
  "src/main.ts": "export const y = 1;",
};

async function inspect(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = temporaryTree(files);
  const { findings } = await inspectPackage(join(root, "installed"), root);
  return findings.map(({ rule, file }) => `${rule} ${file}`);
}

function without(path: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sound).filter(([key]) => key !== path));
}

describe("the package check", () => {
  it("accepts a sound package", async () => {
    expect(await inspect(sound)).toEqual([]);
  });

  it("wants no source map of a file that only passes on", async () => {
    const passing = 'export { n as run } from "./main.js";\n';
    expect(await inspect({ ...sound, "installed/dist/passing.js": passing })).toEqual([]);
  });

  it.each([
    [
      "a missing export",
      ["missing package.json", "publint package.json"],
      without("installed/dist/index.d.ts"),
    ],
    ["a test", ["test-file dist/a.test.js"], { ...sound, "installed/dist/a.test.js": "" }],
    [
      "a compiler's leftover",
      ["leftover dist/.tsbuildinfo"],
      { ...sound, "installed/dist/.tsbuildinfo": "" },
    ],
    [
      "a file whose source is gone",
      ["leftover dist/old.js.map"],
      { ...sound, "installed/dist/old.js": "", "installed/dist/old.js.map": mapOf("src/old.ts") },
    ],
    ["a missing source map", ["source-map dist/main.js"], without("installed/dist/main.js.map")],
    [
      "a source map that leads outside",
      ["source-map dist/main.js.map"],
      { ...sound, "installed/dist/main.js.map": JSON.stringify({ version: 3, sources: ["../src/main.ts"] }) },
    ],
    [
      "what publint refuses",
      ["publint package.json"],
      { ...sound, "installed/dist/index.js": "module.exports = 1;" },
    ],
  ])("refuses %s", async (_what, found, files) => {
    expect(await inspect(files)).toEqual(found);
  });
});
