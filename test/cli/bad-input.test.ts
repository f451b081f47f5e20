import { describe, expect, test } from "vitest";
import { openCliProject } from "./cli-project.ts";

describe("what is wrong is said in a line, with a hint, and exits 2", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["no such file", ["ls", "nope.ts"], ["error: there is no file nope.ts"]],
    [
      "no such file, but one like it",
      ["ls", "flows.js"],
      ["there is no file flows.js", "hint: Did you mean flows.ts?"],
    ],
    ["a directory", ["ls", "data"], ["error: data is a directory"]],
    ["a file of another kind", ["ls", "package.json"], ["neither TypeScript nor JavaScript"]],
    ["no flow in it", ["update", "none.ts"], ["error: none.ts defines no flow", "hint: Call defineFlow("]],
    ["a syntax error", ["ls", "syntax.ts"], ["error: syntax.ts:3: syntax error: Unexpected token"]],
    [
      "a syntax error in JavaScript",
      ["ls", "syntax.mjs"],
      ["error: syntax.mjs:2: syntax error: Unexpected token"],
    ],
    ["an exception", ["ls", "throws.ts"], ["error: throws.ts:6: TypeError: it went wrong"]],
    ["an exception in JavaScript", ["ls", "throws.mjs"], ["error: throws.mjs:2: it went wrong"]],
    ["an exception in a module of it", ["ls", "nested.ts"], ["error: throws.ts:6: TypeError: it went wrong"]],
    ["something else thrown", ["ls", "string.ts"], ['error: string.ts: it threw "oops"']],
    [
      "a missing package",
      ["ls", "package.ts"],
      ["error: package.ts:2: Cannot find module 'not-installed/x'", "npm install not-installed"],
    ],
    [
      "a wrong definition",
      ["ls", "wrong.ts"],
      ["error: flow Empty has no source", "  in flow Empty", "  at wrong.ts:3\n"],
    ],
    ["two flows of one name", ["ls", "same.ts"], ["error: two flows are named Docs", "  at same.ts:4\n"]],
    [
      "an unknown flow",
      ["update", "flows.ts:Dosc"],
      ["error: flows.ts defines no flow Dosc", "hint: Did you mean Docs? It defines Docs."],
    ],
    [
      "one flow of several",
      ["evaluate", "two.ts"],
      ["error: two.ts defines several flows: First, Second", "hint: Name one, such as two.ts:First."],
    ],
    ["a colon and no flow", ["ls", "flows.ts:"], ["hint: Write flows.ts, or flows.ts:FlowName."]],
    [
      "an unknown option",
      ["update", "flows.ts", "--frce"],
      ["error: unknown option '--frce'", "hint: Did you mean --force?"],
    ],
    [
      "an unknown command",
      ["updat", "flows.ts"],
      ["error: unknown command 'updat'", "hint: Did you mean update?"],
    ],
    ["a command of a later release", ["server", "flows.ts"], ["error: unknown command 'server'"]],
    ["no file", ["update"], ["error: missing required argument 'file'"]],
    ["too many files", ["ls", "flows.ts", "two.ts"], ["error: too many arguments"]],
    [
      "a missing env file",
      ["ls", "flows.ts", "--env-file", "no.env"],
      ["error: there is no env file no.env"],
    ],
    ["a missing app directory", ["ls", "flows.ts", "--app-dir", "no"], ["error: there is no directory no"]],
    [
      "flows named twice",
      ["drop", "two.ts:First", "Second"],
      ["hint: Write: sluice drop two.ts First Second"],
    ],
  ])("%s", async (_name, args, messages) => {
    const project = openCliProject(badFiles);
    const { code, stdout, stderr } = await project.run(args);
    for (const message of messages) expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at .*\(.*\)/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  test("--verbose and SLUICE_DEBUG add the stack", async () => {
    const project = openCliProject(badFiles);
    const byOption = await project.run(["ls", "throws.ts", "--verbose"]);
    expect(byOption.stderr).toContain("caused by: TypeError: it went wrong\nbecause of this\n    at fail (");
    const byVariable = await project.run(["ls", "throws.ts"], { env: { SLUICE_DEBUG: "1" } });
    expect(byVariable.stderr).toContain("caused by: TypeError");
  });

  test("--json makes the error a document too", async () => {
    const project = openCliProject(badFiles);
    const { code, stdout, stderr } = await project.run(["update", "none.ts", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: expect.objectContaining({ code: "flow-missing", message: "none.ts defines no flow" }),
    });
    expect(stderr).toContain("error: none.ts defines no flow");
    expect(code).toBe(2);
  });
});

const badFiles: Readonly<Record<string, string>> = {
  "data/a.md": "A",
  "none.ts": "export const a: number = 1;\n",
  "syntax.ts": 'import "node:fs";\n\nconst x: string = ;\n',
  "syntax.mjs": 'import "node:fs";\nconst x = ;\n',
  "throws.ts": `interface Shape {
  readonly a: string;
}

function fail(): Shape {
  throw new TypeError("it went wrong\\nbecause of this");
}

await Promise.resolve();
fail();
`,
  "throws.mjs": 'import { docs } from "./flows.ts";\nthrow new Error("it went wrong");\n',
  "nested.ts": 'import "./throws.ts";\n',
  "string.ts": 'throw "oops";\n',
  "package.ts": '\nimport "not-installed/x";\n',
  "wrong.ts": 'import { defineFlow } from "sluice";\n\ndefineFlow("Empty", () => {});\n',
  "same.ts": `import { defineFlow } from "sluice";
import "./flows.ts";
import { textFiles } from "./connectors.ts";
defineFlow("Docs", (flow) => {
  flow.addSource("documents", textFiles({ path: "data" })).forEachRow(() => {});
});
`,
};

describe("an error under --json carries its code", () => {
  test.each([
    ["file-not-found", "nope.ts"],
    ["file-invalid", "syntax.ts"],
    ["flow-missing", "none.ts"],
  ])("%s", async (code, file) => {
    const { stdout } = await openCliProject(badFiles).run(["ls", file, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code } });
  });
});
