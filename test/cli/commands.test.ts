import { describe, expect, test } from "vitest";
import { openCliProject } from "./cli-project.ts";

describe("ls", () => {
  test("the flows of a file with their setup status", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["setup", "two.ts:First", "--force"]);
    const { stdout, code } = await project.run(["ls", "two.ts"]);
    expect(stdout).toBe("First   ready\nSecond  not set up\n");
    expect(code).toBe(0);
    const json = await project.run(["ls", "two.ts", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      file: "two.ts",
      flows: [
        { name: "First", status: "ready" },
        { name: "Second", status: "not set up" },
      ],
    });
  });

  test("the flows of the store, of every namespace", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const none = await project.run(["ls"]);
    expect(none).toMatchObject({ stdout: "there is no store at .sluice\n", code: 0 });
    await project.run(["setup", "flows.ts", "--force"], { env: { SLUICE_APP_NAMESPACE: "staging" } });
    await project.run(["setup", "two.ts:First", "--force"]);
    const { stdout } = await project.run(["ls"], { cwd: project.at("data") });
    expect(stdout.split("\n").sort()).toEqual([
      "",
      "First         1 source  1 target",
      "staging/Docs  1 source  1 target",
    ]);
    const json = JSON.parse((await project.run(["ls", "--json"])).stdout) as { flows: unknown[] };
    expect(json.flows).toContainEqual({
      name: "Docs",
      namespace: "staging",
      sources: 1,
      targets: 1,
      holder: null,
    });
  });
});

describe("show", () => {
  test("the flow as a tree", async () => {
    const project = openCliProject();
    const { stdout, code } = await project.run(["show", "flows.ts"]);
    expect(stdout.replace(/code [0-9a-f]{8}/, "code …").split("\n")).toEqual([
      "flow Docs",
      "",
      "  source documents: textFiles",
      '    spec   {"path":"data"}',
      "    key    { filename: string }",
      "    value  { content: string }",
      "    for each row of documents",
      "      documents.html = render(text: documents.content) → string  [code …, cached]",
      "      collect for Pages",
      "        filename:  documents.filename",
      "        html:      documents.html",
      "",
      "  export Pages: htmlFiles",
      "    backend      directory out",
      '    spec         {"directory":"out","suffix":".html"}',
      "    primary key  filename: string",
      "    values       html: string",
      "",
    ]);
    expect(code).toBe(0);
  });

  test("wholly as JSON", async () => {
    const project = openCliProject();
    const { stdout } = await project.run(["show", "two.ts:First", "--json"]);
    const { file, flows } = JSON.parse(stdout) as { file: string; flows: { name: string }[] };
    expect(file).toBe("two.ts");
    expect(flows).toHaveLength(1);
    expect(flows[0]).toMatchObject({
      name: "First",
      sources: [{ name: "documents", kind: "textFiles", keyType: "{ filename: string }" }],
      exports: [{ name: "Pages", targetKind: "htmlFiles", key: "First" }],
    });
  });
});

describe("setup", () => {
  test("--dry-run only shows", async () => {
    const project = openCliProject();
    const { stdout, code } = await project.run(["setup", "flows.ts", "--dry-run"]);
    expect(stdout).toBe("flow Docs\n  + create  Pages  directory out\n");
    expect(code).toBe(0);
    expect(project.list(".")).not.toContain("out");
  });

  test("a script must say --force", async () => {
    const project = openCliProject();
    const refused = await project.run(["setup", "flows.ts"]);
    expect(refused.stderr).toBe(
      "error: the plan was not applied: nobody is there to confirm it\nhint: Run it with --force to apply it without asking.\n",
    );
    expect(refused.code).toBe(3);
    expect(project.list(".")).not.toContain("out");
    const forced = await project.run(["setup", "flows.ts", "--force"]);
    expect(forced.code).toBe(0);
    expect(project.list("out")).toEqual([]);
    const again = await project.run(["setup", "flows.ts"]);
    expect(again).toMatchObject({ stdout: "nothing to set up: every backend is as it should be\n", code: 0 });
  });
});

describe("evaluate", () => {
  test("writes a file a row, and fails where rows do", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "BOOM", "eval/other.txt": "mine" });
    const { stdout, code } = await project.run(["evaluate", "flows.ts:Docs", "--output-dir", "eval"]);
    expect(stdout).toBe("Docs: 2 rows written to eval, 1 of them failed\n");
    expect(code).toBe(1);
    expect(project.list("eval")).toEqual(["documents@a.md.yaml", "documents@b.md.yaml", "other.txt"]);
    expect(project.read("eval/documents@a.md.yaml")).toContain("html: <p>A</p>");
    expect(project.list(".")).not.toContain(".sluice");
  });

  test("a source that cannot be opened is told, and the exit code is 1", async () => {
    const project = openCliProject();
    project.write(
      "connectors.ts",
      project
        .read("connectors.ts")
        .replace("create: (spec,", "create: (_spec,")
        .replace("join(appDirectory, spec.path)", 'fail("no entry")'),
    );
    project.write(
      "connectors.ts",
      `${project.read("connectors.ts")}\nfunction fail(message: string): never {\n  throw new Error(message);\n}\n`,
    );
    const { stderr, code } = await project.run(["evaluate", "flows.ts"]);
    expect(stderr).toBe("the listing was incomplete: documents: no entry\n");
    expect(code).toBe(1);
  });

  test("names a directory by flow and time", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const { stdout, code } = await project.run(["evaluate", "flows.ts", "--no-cache"]);
    expect(stdout).toMatch(/^Docs: 1 row written to eval_Docs_\d{8}-\d{6}\n$/);
    expect(code).toBe(0);
  });
});

describe("drop", () => {
  test("shows, asks, and drops with --force", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "flows.ts", "--setup"]);
    const refused = await project.run(["drop", "flows.ts"]);
    expect(refused.stdout).toBe("flow Docs\n  - drop  Pages  directory out  (its row is lost)\n");
    expect(refused.stderr).toContain("hint: Run it with --force to drop without asking.");
    expect(refused.code).toBe(3);
    const forced = await project.run(["drop", "flows.ts", "--force"]);
    expect(forced.stdout).toContain("dropped flow Docs\n");
    expect(project.list(".")).not.toContain("out");
    const again = await project.run(["drop", "flows.ts"]);
    expect(again).toMatchObject({
      stdout: "nothing to drop: the store knows nothing of these flows\n",
      code: 0,
    });
  });

  test("a flow that left the file is dropped by name", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "two.ts", "--setup"]);
    project.write("two.ts", project.read("two.ts").replace('["First", "Second"]', '["Second"]'));
    const unknown = await project.run(["drop", "two.ts", "Third", "--force"]);
    expect(unknown.stderr).toContain("error: two.ts defines no flow Third");
    expect(unknown.code).toBe(2);
    const { code } = await project.run(["drop", "two.ts", "First", "--force"]);
    expect(code).toBe(0);
    expect(project.list(".")).not.toContain("First");
    expect((await project.run(["ls"])).stdout).toBe("Second  1 source  1 target\n");
  });
});

describe("the environment", () => {
  test(".env of the app directory is there when the file is loaded, and what is set wins", async () => {
    const project = openCliProject({ ".env": "OUT=from-env-file\n", "other.env": "OUT=from-other\n" });
    project.write(
      "flows.ts",
      project.read("flows.ts").replace('directory: "out"', "directory: process.env.OUT!"),
    );
    const backend = async (args: readonly string[], env?: Readonly<Record<string, string>>) =>
      (await project.run(["setup", "flows.ts", "--dry-run", ...args], env ? { env } : {})).stdout;
    expect(await backend([])).toContain("directory from-env-file\n");
    expect(await backend(["--env-file", "other.env"])).toContain("directory from-other\n");
    expect(await backend([], { OUT: "set" })).toContain("directory set\n");
  });

  test("--app-dir is what paths and the store resolve against", async () => {
    const project = openCliProject({ "app/data/a.md": "A" });
    const { code } = await project.run(["--app-dir", "app", "update", "flows.ts", "--setup"]);
    expect(code).toBe(0);
    expect(project.list("app")).toEqual([".sluice", "data", "out"]);
  });
});

describe("kinds of flow files", () => {
  const body = `
const flow = sluice.defineFlow("Docs", (flow) => {
  flow.addSource("documents", textFiles({ path: "data" })).forEachRow(() => {});
});
`;
  test.each([
    ["flows.mts", `import * as sluice from "sluice";\nimport { textFiles } from "./connectors.ts";${body}`],
    ["flows.tsx", `import * as sluice from "sluice";\nimport { textFiles } from "./connectors.ts";${body}`],
    ["flows.mjs", `import * as sluice from "sluice";\nimport { textFiles } from "./connectors.ts";${body}`],
    ["flows.cts", `import * as sluice from "sluice";\nimport { textFiles } from "./connectors.ts";${body}`],
    [
      "old.cts",
      `const sluice = require("sluice");\nconst { textFiles } = require("./connectors.ts");${body}`,
    ],
    [
      "flows.cjs",
      `const sluice = require("sluice");\nconst { textFiles } = require("./connectors.ts");${body}`,
    ],
  ])("%s", async (file, content) => {
    const project = openCliProject({ [file]: content, "package.json": '{ "name": "user" }' });
    const { stdout, stderr, code } = await project.run(["ls", file]);
    // A Node that strips types by itself warns that the user's package does not say what kind of modules it has.
    const ours = stderr.replaceAll(
      /^\(node:\d+\) \[MODULE_TYPELESS_PACKAGE_JSON\][\s\S]*?trace-warnings.*\n/gm,
      "",
    );
    expect(ours).toBe("");
    expect(stdout).toBe("Docs  ready\n");
    expect(code).toBe(0);
  });
});

test("--help and --version", async () => {
  const project = openCliProject();
  const help = await project.run(["--help"]);
  expect(help.stdout).toContain("Usage: sluice");
  expect(help.code).toBe(0);
  for (const command of ["ls", "show", "setup", "update", "verify", "evaluate", "drop"]) {
    expect(help.stdout).toContain(`  ${command} `);
    const own = await project.run([command, "--help"]);
    expect(own.stdout).toContain(`Usage: sluice ${command}`);
    expect(own.code).toBe(0);
  }
  expect((await project.run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
