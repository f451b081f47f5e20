import { mkdirSync, renameSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CliProject, openCliProject } from "./cli-project.ts";

const flowFile = `import { defineFlow } from "sluice";
import { localFiles } from "sluice/local-files";
import { htmlFiles, render } from "./connectors.ts";

defineFlow("Docs", (flow) => {
  const documents = flow.addSource("documents", localFiles({ path: "data" }));
  const pages = flow.addCollector<{ filename: string; html: string }>();
  documents.forEachRow((doc) => {
    pages.collect({ filename: doc.filename, html: doc.content.transform(render) });
  });
  pages.export("Pages", htmlFiles({ directory: "out" }), { primaryKeyFields: ["filename"] });
});
`;

/** A project whose files are in the target. */
async function openSettled(count: number, more: Readonly<Record<string, string>> = {}): Promise<CliProject> {
  const names = Array.from({ length: count }, (_, i) => `data/${i}.md`);
  const data = Object.fromEntries(names.map((name) => [name, `text of ${name}`]));
  const project = openCliProject({ "files.ts": flowFile, ...data, ...more });
  const { code } = await project.run(["update", "files.ts", "--setup", "--quiet"]);
  expect(code).toBe(more["data/bad.md"] === undefined ? 0 : 1);
  expect(project.list("out")).toHaveLength(count);
  return project;
}

/** The directory as a mount point without its mount. */
function unmount(project: CliProject): void {
  renameSync(project.at("data"), project.at("mounted-elsewhere"));
  mkdirSync(project.at("data"));
}

function mountAgain(project: CliProject): void {
  project.remove("data");
  renameSync(project.at("mounted-elsewhere"), project.at("data"));
}

describe("deletions that are held", () => {
  test("are told with the command that approves, exit with 4, and go with it", async () => {
    const project = await openSettled(30);
    for (let i = 0; i < 20; i++) project.remove(`data/${i}.md`);
    project.write("data/29.md", "edited");
    const held = await project.run(["update", "files.ts"]);
    expect(held.stderr).toBe(
      "Docs: the deletions of documents are held for approval: " +
        "20 of 30 rows are gone from the source, which is more than half\n" +
        "hint: If they are to go, run: sluice update files.ts:Docs --allow-deletions=20\n",
    );
    expect(held.stdout).toMatch(
      /^Docs: updated in part in .*\n {2}documents .* 1 updated, 0 deleted, 1 read\n/,
    );
    expect(held.code).toBe(4);
    expect(project.list("out")).toHaveLength(30);
    expect(project.read("out/29.md.html")).toBe("<p>edited</p>");

    const short = await project.run(["update", "files.ts:Docs", "--allow-deletions=19", "--quiet"]);
    expect([short.code, short.stdout]).toEqual([4, ""]);
    const approved = await project.run(["update", "files.ts:Docs", "--allow-deletions=20"]);
    expect([approved.code, approved.stderr]).toEqual([0, ""]);
    expect(approved.stdout).toContain("10 unchanged, 0 inserted, 0 updated, 20 deleted, 0 read");
    expect(project.list("out")).toHaveLength(10);
  });

  test("because a mount is missing are no loss: nothing is done again when it is back", async () => {
    const project = await openSettled(3);
    unmount(project);
    const { code, stderr } = await project.run(["update", "files.ts"]);
    expect(stderr).toContain("the source is empty, where 3 rows were tracked");
    expect(code).toBe(4);
    mountAgain(project);
    const back = await project.run(["update", "files.ts"]);
    expect(back.stdout).toMatch(/^Docs: nothing changed: 0 read, 0 computed, 0 written \(3 rows, .*\)\n$/);
    expect(back.code).toBe(0);
  });

  test("go, whatever their number, with the option alone, which takes no file for its value", async () => {
    const project = await openSettled(3);
    unmount(project);
    const approved = await project.run(["update", "--allow-deletions", "files.ts"]);
    expect(approved.stdout).toContain("3 deleted");
    expect(approved.code).toBe(0);
    expect(project.list("out")).toEqual([]);
  });

  test("say the same in JSON", async () => {
    const project = await openSettled(2);
    unmount(project);
    const { stdout, code } = await project.run([
      "update",
      "files.ts",
      "--json",
      "--env-file",
      "package.json",
    ]);
    const error = {
      code: "deletions-held",
      message: "the source is empty, where 2 rows were tracked",
      hint: "If they are to go, run: sluice update files.ts:Docs --allow-deletions=2 --env-file package.json",
      where: { flow: "Docs", source: "documents" },
    };
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      flows: [{ ok: false, held: [{ source: "documents", rows: 2, tracked: 2, error }] }],
    });
    expect(code).toBe(4);
  });

  test("count for more than rows that failed", async () => {
    const project = await openSettled(20, { "data/bad.md": "BOOM" });
    for (let i = 0; i < 19; i++) project.remove(`data/${i}.md`);
    const { code, stderr } = await project.run(["update", "files.ts"]);
    expect(stderr).toMatch(
      /^Docs: 1 row failed\n.*cannot render BOOM.*\nDocs: the deletions of documents are held/,
    );
    expect(code).toBe(4);
  });
});

describe("a directory that cannot be listed", () => {
  test.each<[string, string, (project: CliProject) => void]>([
    ["is missing", "there is no such directory", () => {}],
    ["is a file", "it is not a directory", (project) => project.write("data", "a file")],
  ])("because it %s deletes nothing, and exits with 1", async (_what, why, replace) => {
    const project = await openSettled(3);
    renameSync(project.at("data"), project.at("elsewhere"));
    replace(project);
    const { code, stderr } = await project.run(["update", "files.ts", "--allow-deletions"]);
    expect(stderr).toContain("the listing of documents was incomplete, so nothing was deleted: cannot list");
    expect(stderr).toContain(why);
    expect(code).toBe(1);
    expect(project.list("out")).toHaveLength(3);
    if (project.list(".").includes("data")) project.remove("data");
    renameSync(project.at("elsewhere"), project.at("data"));
    expect((await project.run(["update", "files.ts"])).stdout).toMatch(
      /^Docs: nothing changed: 0 read, 0 computed, 0 written/,
    );
  });
});

test.each(["", "x", "-1", "1.5", "1e3"])("--allow-deletions=%s is refused", async (value) => {
  const project = openCliProject();
  const { code, stderr } = await project.run(["update", "flows.ts", `--allow-deletions=${value}`]);
  expect(stderr).toContain("option '--allow-deletions [n]'");
  expect(code).toBe(2);
});
