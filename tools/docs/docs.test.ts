import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryTree } from "../project/temporary-tree.ts";
import { findDocFaults } from "./find-doc-faults.ts";

const fence = (info: string, ...code: string[]) => [`\`\`\`${info}`, ...code, "```"].join("\n");
const compilerOptions = {
  target: "ES2023",
  module: "NodeNext",
  strict: true,
  types: ["node"],
  allowImportingTsExtensions: true,
  noEmit: true,
};

const sound = {
  "package.json": JSON.stringify({
    name: "sluice",
    type: "module",
    exports: { ".": { default: "./dist/index.js" }, "./testing": { default: "./dist/testing/index.js" } },
  }),
  "tsconfig.json": JSON.stringify({ compilerOptions }),
  "src/index.ts": "export const answer: number = 42;\n",
  "src/testing/index.ts": 'export { answer as tested } from "../index.ts";\n',
  "README.md": [
    "# Title, with `code`",
    "See [the guide](docs/guide.md#first-step), [above](#title-with-code) and [elsewhere](https://example.org/).",
    fence(
      "ts",
      'import { answer } from "sluice";',
      'import { tested } from "sluice/testing";',
      "const sum = answer + tested;",
    ),
    fence("ts continued", "console.log(sum.toFixed(1), await Promise.resolve(process.pid));"),
    fence("ts", "const sum = 1;"),
    fence("ts ignore-check shows a mistake", "sum +"),
    fence("js", "[not a link](nowhere.md)"),
  ].join("\n"),
  "docs/guide.md": "## First step\n",
};
/** Without the README every planted fault costs a compiler run less. */
const { "README.md": _, ...base } = sound;

function at(files: Readonly<Record<string, string>>): string[] {
  const root = temporaryTree(files);
  symlinkSync(join(process.cwd(), "node_modules"), join(root, "node_modules"));
  return findDocFaults(root).findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`);
}

describe("the docs check", () => {
  it("accepts sound documents", () => {
    expect(at(sound)).toEqual([]);
  });

  it.each([
    [
      "a wrong type",
      "code-block docs/a.md:3",
      fence("ts", 'import { answer } from "sluice";', "const x: string = answer;"),
    ],
    ["a name that is not exported", "code-block docs/a.md:2", fence("ts", 'import { other } from "sluice";')],
    ["a syntax error", "code-block docs/a.md:2", fence("ts", "const x = ;")],
    [
      "a mistake in a continued block",
      "code-block docs/a.md:5",
      `${fence("ts", "const x = 1;")}\n${fence("ts continued", "x.toUpperCase();")}`,
    ],
    ["a block in a list", "code-block docs/a.md:3", "- item\n  ```ts\n  missing();\n  ```"],
    ["a block left out without a reason", "fence docs/a.md:1", fence("ts ignore-check", "missing();")],
    ["an unknown word on the fence", "fence docs/a.md:1", fence("ts contineud")],
    ["a link to no file", "link docs/a.md:2", "\n[x](b.md)"],
    ["a link out of the project", "link docs/a.md:1", "[x](../../b.md)"],
    ["a link to no heading", "link docs/a.md:1", "[x](guide.md#second-step)"],
    ["a reference to no file", "link docs/a.md:1", "[x]: ./b.md"],
  ])("refuses %s", (_what, found, text) => {
    expect(at({ ...base, "docs/a.md": text })).toEqual([found]);
  });

  it("fails when it read nothing", () => {
    const root = temporaryTree({ "package.json": "{}", "tsconfig.json": "{}" });
    expect(findDocFaults(root).findings).toMatchObject([{ rule: "files-read" }]);
  });

  it("accepts this project", () => {
    expect(findDocFaults(process.cwd()).findings).toEqual([]);
  });
});
