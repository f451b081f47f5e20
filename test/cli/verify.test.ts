import { describe, expect, test } from "vitest";
import { type CliProject, openCliProject } from "./cli-project.ts";

/** A project whose three pages are there. */
async function threePages(): Promise<CliProject> {
  const project = openCliProject({ "data/a.md": "A", "data/b.md": "B", "data/c.md": "C" });
  await project.run(["update", "flows.ts", "--setup"]);
  return project;
}

/** One page is away, one is edited, one is nobody's. */
function damage(project: CliProject): void {
  project.remove("out/a.md.html");
  project.write("out/b.md.html", "edited");
  project.write("out/x.md.html", "extra");
}

const withoutTime = (text: string) => text.replace(/ \(\d.*\)$/gm, "");

describe("verify", () => {
  test("says that all is right", async () => {
    const project = await threePages();
    const { stdout, stderr, code } = await project.run(["verify", "flows.ts"]);
    expect(withoutTime(stdout)).toBe("Docs: all right\n  Pages  3 expected, 3 found\n");
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("names what is missing, extra and different, and writes nothing", async () => {
    const project = await threePages();
    damage(project);
    const { stdout, stderr, code } = await project.run(["verify", "flows.ts:Docs"]);
    expect(withoutTime(stdout).split("\n")).toEqual([
      "Docs: not as it should be",
      "  Pages  3 expected, 3 found, 1 missing, 1 extra, 1 different",
      "    missing    a.md  (documents a.md)",
      "    extra      x.md",
      "    different  b.md  (documents b.md)",
      "",
    ]);
    expect(stderr).toBe("hint: To put it right, run: sluice verify flows.ts:Docs --repair\n");
    expect(code).toBe(1);
    expect(project.list("out")).toEqual(["b.md.html", "c.md.html", "x.md.html"]);
  });

  test("--repair puts it right, and leaves nothing to update", async () => {
    const project = await threePages();
    damage(project);
    const { stdout, code } = await project.run(["verify", "flows.ts", "--repair"]);
    expect(withoutTime(stdout)).toBe(
      "Docs: repaired, 2 rows written, 1 deleted\n  Pages  3 expected, 3 found\n",
    );
    expect(code).toBe(0);
    expect(project.list("out")).toEqual(["a.md.html", "b.md.html", "c.md.html"]);
    expect(project.read("out/b.md.html")).toBe("<p>B</p>");
    expect((await project.run(["update", "flows.ts"])).stdout).toContain("nothing changed: 0 read");
  });

  test("--limit names so many of each kind, and counts all", async () => {
    const project = await threePages();
    for (const name of ["x", "y", "z"]) project.write(`out/${name}.html`, "extra");
    const { stdout } = await project.run(["verify", "flows.ts", "--limit", "1"]);
    expect(stdout).toContain("3 extra\n    extra      x\n    and 2 more extra\n");
    const wrong = await project.run(["verify", "flows.ts", "--limit", "some"]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain("'--limit <n>' argument 'some' is invalid");
  });

  test("--json is one document", async () => {
    const project = await threePages();
    damage(project);
    const { stdout, stderr, code } = await project.run(["verify", "flows.ts", "--json"]);
    const { ok, flows } = JSON.parse(stdout) as { ok: boolean; flows: unknown[] };
    expect(ok).toBe(false);
    expect(flows).toMatchObject([
      {
        flow: "Docs",
        unverified: [],
        repair: null,
        targets: {
          Pages: {
            expected: 3,
            found: 3,
            missing: 1,
            findings: [
              { kind: "missing", key: "a.md", from: { source: "documents", row: "a.md" }, reason: null },
              { kind: "extra", key: "x.md", from: null },
              { kind: "different", key: "b.md" },
            ],
          },
        },
      },
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(1);
    const repaired = await project.run(["verify", "flows.ts", "--repair", "--json"]);
    expect(JSON.parse(repaired.stdout)).toMatchObject({
      ok: true,
      flows: [{ repair: { targets: { Pages: { written: 2, deleted: 1 } }, failed: 0, refused: [] } }],
    });
    expect(repaired.code).toBe(0);
  });

  test("so many extra rows that the store may have been lost are held, with the command that approves", async () => {
    const project = await threePages();
    for (let i = 0; i < 20; i++) project.write(`out/x${i}.html`, "extra");
    const held = await project.run(["verify", "flows.ts", "--repair"]);
    expect(held.stderr).toBe(
      "Docs: extra rows of Pages were not deleted: 20 of 23 rows, more than half, are extra\n" +
        "hint: If they are to go, run: sluice verify flows.ts:Docs --repair --allow-deletions=20\n",
    );
    expect(held.code).toBe(4);
    expect(project.list("out")).toHaveLength(23);
    const approved = await project.run(["verify", "flows.ts:Docs", "--repair", "--allow-deletions=20"]);
    expect(approved.stdout).toContain("Docs: repaired, 0 rows written, 20 deleted");
    expect(approved.code).toBe(0);
  });

  test("a target that cannot be read back to its end is an error of its own", async () => {
    const project = await threePages();
    damage(project);
    project.write("unreadable");
    const { stdout, stderr, code } = await project.run(["verify", "flows.ts", "--repair"]);
    expect(stderr).toBe("Docs: Pages could not be read back: the disk is on fire\n");
    expect(stdout).toContain("could not be read back to its end, so nothing is said of its rows");
    expect(code).toBe(1);
    expect(project.list("out")).toContain("x.md.html");
  });

  test("a row that fails is pending, and what settles it is told", async () => {
    const project = await threePages();
    project.write("data/a.md", "BOOM");
    project.remove("out/a.md.html");
    const { stdout, stderr, code } = await project.run(["verify", "flows.ts", "--repair"]);
    expect(withoutTime(stdout)).toContain(
      "  Pages  3 expected, 2 found, 1 pending\n    pending    a.md  (documents a.md): ",
    );
    expect(stderr).toContain("Docs: 1 row failed\n  documents a.md, step render: cannot render BOOM");
    expect(stderr).toContain("hint: To settle what is pending, run: sluice update flows.ts:Docs\n");
    expect(code).toBe(1);
    project.write("data/a.md", "A");
    expect((await project.run(["update", "flows.ts"])).code).toBe(0);
    expect((await project.run(["verify", "flows.ts"])).code).toBe(0);
  });

  test("a flow that is not set up is refused, and nothing is made", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const { stdout, stderr, code } = await project.run(["verify", "flows.ts"]);
    expect(stderr).toContain("error: the flow must be set up first");
    expect([stdout, code]).toEqual(["", 3]);
    expect(project.list(".")).not.toContain(".sluice");
  });

  test("all flows of a file, or the one that is named", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "two.ts", "--setup"]);
    project.remove("First/a.md.html");
    const all = await project.run(["verify", "two.ts"]);
    expect(all.stdout).toMatch(/^First: not as it should be[\s\S]*\nSecond: all right/);
    expect(all.code).toBe(1);
    expect((await project.run(["verify", "two.ts:Second"])).code).toBe(0);
  });

  test("a flow that another process holds is refused, or waited for", async () => {
    const project = await threePages();
    project.write("data/d.md", "WAIT");
    const holder = project.start(["update", "flows.ts"]);
    await holder.printed("waiting for go");
    const refused = await project.run(["verify", "flows.ts"]);
    expect(refused.stderr).toMatch(/^error: .*Docs/);
    expect(refused.code).toBe(5);
    const waiting = project.start(["verify", "flows.ts", "--wait"]);
    await waiting.printed("waiting for flow Docs, held by process ");
    project.write("go");
    expect((await holder.finished).code).toBe(0);
    const { code, stdout } = await waiting.finished;
    expect(withoutTime(stdout)).toBe("Docs: all right\n  Pages  4 expected, 4 found\n");
    expect(code).toBe(0);
  });
});
