import { describe, expect, test } from "vitest";
import { type CliProject, openCliProject } from "./cli-project.ts";

/** Changes the flow file, as its author would. */
function edit(project: CliProject, file: string, ...changes: readonly (readonly [string, string])[]): void {
  const edited = changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, project.read(file));
  project.write(file, edited);
}

const data = { "data/a.md": "A", "data/b.md": "B" };

test("the plan says how many rows it touches, before setup and before update", async () => {
  const project = openCliProject(data);
  await project.run(["update", "flows.ts", "--setup"]);
  edit(project, "flows.ts", ['{ directory: "out" }', '{ directory: "out", suffix: ".htm" }']);
  const plan = [
    "flow Docs",
    "  ± rebuild  Pages  directory out  (its 2 rows are lost, and made anew by the next update)",
    '        suffix: ".html" → ".htm"',
    "",
  ].join("\n");
  const shown = await project.run(["setup", "flows.ts", "--dry-run"]);
  expect(shown).toMatchObject({ stdout: plan, code: 0 });
  const refused = await project.run(["update", "flows.ts", "--setup"]);
  expect(refused.stderr).toContain(plan);
  expect(refused.code).toBe(3);
  const json = await project.run(["setup", "flows.ts", "--dry-run", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: true,
    applied: false,
    plans: [
      {
        flow: "Docs",
        destroys: true,
        sources: [],
        actions: [{ verb: "rebuild", export: "Pages", rows: 2, sourceRows: 2, destroys: true }],
      },
    ],
    leftBehind: [],
  });
  const applied = await project.run(["setup", "flows.ts", "--force", "--json"]);
  expect(JSON.parse(applied.stdout)).toMatchObject({ ok: true, applied: true });
  expect(applied.stderr).toBe("rebuilt Pages: directory out\n");
});

describe("sources", () => {
  test("one that was removed is shown with its rows, and must be agreed to", async () => {
    const project = openCliProject({ ...data, "more/c.md": "C" });
    edit(project, "flows.ts", [
      "  pages.export(",
      `  flow.addSource("more", textFiles({ path: "more" })).forEachRow((doc) => {
    pages.collect({ filename: doc.filename, html: doc.content.transform(render) });
  });
  pages.export(`,
    ]);
    await project.run(["update", "flows.ts", "--setup"]);
    edit(project, "flows.ts", [
      'flow.addSource("more", textFiles({ path: "more" })).forEachRow',
      "[].forEach",
    ]);
    edit(project, "flows.ts", ["[].forEach((doc) => {", "[].forEach((doc: any) => {"]);
    const plan = "flow Docs\n  - source more  (the next update takes away what its 1 row yielded)\n";
    const refused = await project.run(["update", "flows.ts", "--setup"]);
    expect(refused.stderr).toContain(plan);
    expect(refused.stderr).toContain("hint: Data would be lost");
    expect(refused.code).toBe(3);
    expect(project.list("out")).toEqual(["a.md.html", "b.md.html", "c.md.html"]);
    expect((await project.run(["ls", "flows.ts"])).stdout).toBe("Docs  needs setup\n");
    const notAsked = await project.run(["setup", "flows.ts"]);
    expect(notAsked).toMatchObject({ stdout: plan, code: 3 });
    const { code } = await project.run(["update", "flows.ts", "--force"]);
    expect(code).toBe(0);
    expect(project.list("out")).toEqual(["a.md.html", "b.md.html"]);
  });

  test("one that was renamed without renamedFrom looks so, and the way to keep its rows is shown", async () => {
    const project = openCliProject(data);
    await project.run(["update", "flows.ts", "--setup"]);
    edit(project, "flows.ts", ['"documents"', '"papers"']);
    const { stdout } = await project.run(["setup", "flows.ts", "--dry-run"]);
    expect(stdout.split("\n")).toEqual([
      "flow Docs",
      "  + source papers",
      "  - source documents  (the next update takes away what its 2 rows yielded)",
      '  if documents was renamed: { renamedFrom: "documents" } on papers keeps its rows',
      "",
    ]);
    edit(project, "flows.ts", [
      'textFiles({ path: "data" })',
      'textFiles({ path: "data" }), { renamedFrom: "documents" }',
    ]);
    const { code, stderr } = await project.run(["update", "flows.ts"]);
    expect(stderr).toContain("flow Docs\n  ~ source papers, until now documents  (its 2 rows are kept)\n");
    expect(code).toBe(0);
  });
});

describe("backends that cannot be dropped", () => {
  /** A flow with two targets, the kind of one of which is defined no more. */
  async function loseConnector(): Promise<CliProject> {
    const project = openCliProject(data);
    const second =
      '  pages.export("More", otherFiles({ directory: "more" }), { primaryKeyFields: ["filename"] });\n';
    project.write(
      "other.ts",
      project.read("connectors.ts").replace('kind: "htmlFiles"', 'kind: "otherFiles"'),
    );
    edit(
      project,
      "flows.ts",
      ["});\n", `});\n${second}`],
      ["import { htmlFiles", 'import { htmlFiles as otherFiles } from "./other.ts";\nimport { htmlFiles'],
    );
    const built = await project.run(["update", "flows.ts", "--setup"]);
    expect(built.stderr + built.stdout).toContain("created More");
    edit(project, "flows.ts", [second, ""], ['import { htmlFiles as otherFiles } from "./other.ts";\n', ""]);
    return project;
  }

  test("are reported, with the way to go on, and left behind by --forget", async () => {
    const project = await loseConnector();
    const failed = await project.run(["setup", "flows.ts", "--force"]);
    expect(failed.stdout).toContain(
      '- drop  More  otherFiles "more"  (cannot be done: target kind otherFiles is not defined any more)',
    );
    expect(failed.stderr).toContain('error: drop otherFiles "more": no target of kind otherFiles is defined');
    expect(failed.stderr).toContain("--forget lets go of what cannot be dropped any more");
    expect(failed.code).toBe(3);
    const forgotten = await project.run(["setup", "flows.ts", "--force", "--forget"]);
    expect(forgotten.stdout).toContain(
      '- forget  More  otherFiles "more"  (its 2 rows are left behind: target kind otherFiles is not defined any more)',
    );
    expect(forgotten.stderr).toContain('left behind More: otherFiles "more"');
    expect(forgotten.code).toBe(0);
    expect(project.list("more")).toEqual(["a.md.html", "b.md.html"]);
    expect((await project.run(["update", "flows.ts"])).code).toBe(0);
  });

  test("stay recorded through a drop, which --forget completes", async () => {
    const project = await loseConnector();
    const failed = await project.run(["drop", "flows.ts", "--force"]);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain("dropped Pages: directory out\n");
    expect(project.list(".")).not.toContain("out");
    const { stdout, stderr, code } = await project.run(["drop", "flows.ts", "--force", "--forget"]);
    expect(stderr).toContain('left behind More: otherFiles "more"');
    expect(stdout).toContain("dropped flow Docs\n");
    expect(code).toBe(0);
    expect((await project.run(["ls"])).stdout).toBe("the store at .sluice has no flow\n");
  });
});

describe("--adopt", () => {
  test("takes over what is there after a lost store", async () => {
    const project = openCliProject(data);
    await project.run(["update", "adopt.ts", "--setup"]);
    project.remove(".sluice");
    project.write("rows.json", project.read("rows.json").replace("{", '{"x.md":{"text":"left over"},'));
    const plan = await project.run(["setup", "adopt.ts", "--adopt", "--dry-run"]);
    expect(plan.stdout).toBe(
      "flow Adopted\n  + adopt  Rows  file rows.json  (of its 3 rows those that no source yields go with the next complete update)\n",
    );
    const adopted = await project.run(["setup", "adopt.ts", "--adopt", "--force"]);
    expect(adopted.stderr).toBe("adopted Rows: file rows.json\n");
    const { stdout } = await project.run(["update", "adopt.ts", "--json"]);
    const { flows } = JSON.parse(stdout) as { flows: { targets: Record<string, unknown> }[] };
    expect(flows[0]?.targets.Rows).toMatchObject({ upserted: 0, deleted: 1 });
    expect(Object.keys(JSON.parse(project.read("rows.json")) as object)).toEqual(["a.md", "b.md"]);
  });

  test("is no company for --reset", async () => {
    const project = openCliProject();
    const { stderr, code } = await project.run(["setup", "adopt.ts", "--adopt", "--reset"]);
    expect(stderr).toContain("error: --reset drops what --adopt would take over");
    expect(code).toBe(2);
  });
});
