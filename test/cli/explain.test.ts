import { describe, expect, test } from "vitest";
import { type CliProject, openCliProject } from "./cli-project.ts";

async function updated(files: Readonly<Record<string, string>>): Promise<CliProject> {
  const project = openCliProject(files);
  expect((await project.run(["update", "flows.ts", "--setup"])).code).toBe(0);
  return project;
}

/** Lines without what differs from run to run. */
function steady(text: string): string[] {
  return text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<time>")
    .replace(/[\d.]+ (ms|s) ago/g, "<span> ago")
    .split("\n");
}

describe("explain", () => {
  test("a row of a source", async () => {
    const project = await updated({ "data/a.md": "A" });
    const { stdout, code } = await project.run(["explain", "flows.ts:Docs", "a.md"]);
    expect(steady(stdout)).toEqual([
      "row a.md of source documents",
      "  last ran  <time>, <span> ago",
      "  because   it was new",
      "  called    render: 1 computed",
      "  wrote     Pages: 1 upserted, 0 deleted",
      "  has       Pages: a.md",
      "  state     done",
      "",
    ]);
    expect(code).toBe(0);
  });

  test("which function's code changed, before it runs again and after", async () => {
    const project = await updated({ "data/a.md": "A", "data/b.md": "B" });
    project.write("connectors.ts", project.read("connectors.ts").replace("<p>", "<h1>"));
    const before = await project.run(["explain", "flows.ts", "a.md"]);
    expect(steady(before.stdout).slice(-4)).toEqual([
      "  has            Pages: a.md",
      "  state          the next update runs it again",
      "  changed since  the code of function render changed",
      "",
    ]);
    await project.run(["update", "flows.ts"]);
    const after = await project.run(["explain", "flows.ts", "a.md"]);
    expect(steady(after.stdout)).toContain("  because   the code of function render changed");
    // Nothing else counts as code.
    project.write("connectors.ts", `${project.read("connectors.ts")}\n// a remark`);
    const same = await project.run(["explain", "flows.ts", "a.md"]);
    expect(steady(same.stdout)).toContain("  state     done");
  });

  test("a row that fails, with what it has meanwhile", async () => {
    const project = await updated({ "data/a.md": "A" });
    project.write("data/a.md", "BOOM");
    expect((await project.run(["update", "flows.ts"])).code).toBe(1);
    const { stdout, code } = await project.run(["explain", "flows.ts", "a.md"]);
    expect(steady(stdout)).toEqual([
      "row a.md of source documents",
      "  last ran  <time>, <span> ago",
      "  because   it was new",
      "  called    render: 1 computed",
      "  wrote     Pages: 1 upserted, 0 deleted",
      "  has       Pages: a.md",
      "  failing   step render: cannot render BOOM",
      "            1 attempt; the last <time>, <span> ago",
      "  state     failed: it keeps what it has; the next update tries it again",
      "",
    ]);
    expect(code).toBe(0);
  });

  test("a row of a target", async () => {
    const project = await updated({ "data/a.md": "A" });
    const { stdout } = await project.run(["explain", "flows.ts", "--target", "Pages", "a.md"]);
    expect(stdout.split("\n")).toEqual([
      "row a.md of target Pages",
      "  comes from  a.md of source documents",
      "  state       as it should be",
      "",
    ]);
  });

  test("as JSON", async () => {
    const project = await updated({ "data/a.md": "A" });
    const row = await project.run(["explain", "flows.ts", "a.md", "--json"]);
    expect(JSON.parse(row.stdout)).toMatchObject({
      rows: [
        {
          flow: "Docs",
          source: "documents",
          row: "a.md",
          key: { filename: "a.md" },
          lastRun: { reason: "new", functions: [{ function: "render", computed: 1, memoHits: 0 }] },
          outputs: [{ target: "Pages", rows: [{ key: "a.md", state: "held" }] }],
        },
      ],
    });
    const target = await project.run(["explain", "flows.ts", "a.md", "--target", "Pages", "--json"]);
    expect(JSON.parse(target.stdout)).toMatchObject({
      row: { target: "Pages", key: "a.md", owner: { source: "documents", row: "a.md" }, others: [] },
    });
    const missing = await project.run(["explain", "flows.ts", "b.md", "--json"]);
    expect(JSON.parse(missing.stdout)).toMatchObject({ ok: false, error: { code: "row-missing" } });
  });

  test("a row that is not there is an error that names near ones", async () => {
    const project = await updated({ "data/shopping.md": "A" });
    const { stderr, stdout, code } = await project.run(["explain", "flows.ts", "shoping.md"]);
    expect({ stderr, stdout, code }).toEqual({
      stderr:
        "error: source documents has no row shoping.md on record\n  in flow Docs\nhint: Did you mean shopping.md?\n",
      stdout: "",
      code: 2,
    });
  });

  test("before the first update, says so", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const { stderr, code } = await project.run(["explain", "flows.ts", "a.md"]);
    expect(stderr).toContain("nothing is on record of flow Docs: there is no store yet");
    expect(code).toBe(2);
  });

  test("without a key, with two kinds of key or two flows is told what to write", async () => {
    const project = openCliProject();
    const withoutKey = await project.run(["explain", "flows.ts:Docs"]);
    expect(withoutKey.stderr).toBe(
      "error: explain needs the key of a row\nhint: Write sluice explain flows.ts:Docs KEY, with the key as other commands print it.\n",
    );
    expect(withoutKey.code).toBe(2);
    const both = await project.run(["explain", "flows.ts", "--source", "a", "--target", "b", "c"]);
    expect(both.stderr).toContain("--source and --target were both given");
    const two = await project.run(["explain", "two.ts", "c"]);
    expect(two.stderr).toContain("two.ts defines several flows: First, Second");
    expect([both.code, two.code]).toEqual([2, 2]);
  });

  test("colours nothing where NO_COLOR is set, and names it where FORCE_COLOR is", async () => {
    const project = await updated({ "data/a.md": "A" });
    const plain = await project.run(["explain", "flows.ts", "a.md"], { env: { NO_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b");
    const coloured = await project.run(["explain", "flows.ts", "a.md"], { env: { FORCE_COLOR: "1" } });
    expect(coloured.stdout).toContain("row \u001b[1ma.md\u001b[22m of source documents");
  });
});
