import { describe, expect, test } from "vitest";
import { openCliProject } from "./cli-project.ts";

const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

describe("failures", () => {
  test("says so where there are none, whether or not there is a store", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const fresh = await project.run(["failures", "flows.ts"]);
    expect(fresh).toEqual({ stdout: "Docs: no failures\n", stderr: "", code: 0 });
    expect(project.list(".")).not.toContain(".sluice");
    await project.run(["update", "flows.ts", "--setup"]);
    const { stdout, code } = await project.run(["failures", "flows.ts:Docs"]);
    expect([stdout, code]).toEqual(["Docs: no failures\n", 0]);
    const both = await project.run(["failures", "two.ts"]);
    expect(both.stdout).toBe("First: no failures\nSecond: no failures\n");
  });

  test("lists key, step, error, attempts and times, and leaves the exit code at 0", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "BOOM" });
    await project.run(["update", "flows.ts", "--setup"]);
    const once = await project.run(["failures", "flows.ts"]);
    expect(once.stdout.split("\n")).toEqual([
      "Docs: 1 failure",
      "  documents b.md, step render",
      "    cannot render BOOM (function-failed)",
      expect.stringMatching(`^    1 attempt, ${time}, next due ${time}$`),
      "The next update tries all of them again, due or not; `sluice update --retry-failed` runs only these.",
      "",
    ]);
    expect([once.stderr, once.code]).toEqual(["", 0]);
    await project.run(["update", "flows.ts"]);
    const twice = await project.run(["failures", "flows.ts"]);
    expect(twice.stdout).toMatch(new RegExp(`2 attempts, first ${time}, last ${time}, next due ${time}`));
    const json = await project.run(["failures", "flows.ts", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      file: "flows.ts",
      flows: [
        {
          flow: "Docs",
          failures: [
            {
              kind: "row",
              source: "documents",
              row: "b.md",
              step: "render",
              removal: false,
              code: "function-failed",
              message: "cannot render BOOM",
              hint: null,
              attempts: 2,
              firstAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
              lastAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
              nextAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
            },
          ],
        },
      ],
    });
  });
});

describe("update --retry-failed", () => {
  test("runs only what failed, with summary and exit code as ever", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "BOOM", "data/c.md": "BOOM 2" });
    await project.run(["update", "flows.ts", "--setup"]);
    project.write("data/a.md", "A2");
    project.write("data/b.md", "B");
    const part = await project.run(["update", "flows.ts", "--retry-failed"]);
    expect(part.stdout.split("\n").map((line) => line.replace(/ in \d.*/, ""))).toEqual([
      "Docs: updated in part",
      "  documents  0 unchanged, 1 inserted, 0 updated, 0 deleted, 1 failed, 2 read",
      "  render     2 computed, 0 from cache, 1 failed",
      "  Pages      1 upserted, 0 deleted",
      "",
    ]);
    expect(part.stderr).toContain("Docs: 1 row failed\n  documents c.md, step render: cannot render BOOM (");
    expect(part.code).toBe(1);
    expect(project.read("out/a.md.html")).toBe("<p>A</p>");
    project.write("data/c.md", "C");
    const rest = await project.run(["update", "flows.ts", "--retry-failed"]);
    expect([rest.stderr, rest.code]).toEqual(["", 0]);
    expect((await project.run(["failures", "flows.ts"])).stdout).toBe("Docs: no failures\n");
    expect((await project.run(["update", "flows.ts"])).stdout).toContain(
      "2 unchanged, 0 inserted, 1 updated",
    );
  });

  test.each(["--reset", "--full-reprocess"])("cannot go with %s", async (option) => {
    const project = openCliProject({ "data/a.md": "A" });
    const { code, stderr } = await project.run(["update", "flows.ts", "--retry-failed", option]);
    expect(stderr).toMatch(
      `error: --retry-failed cannot be used with ${option}\nhint: Leave one of them out`,
    );
    expect(code).toBe(2);
  });
});

test("help names both", async () => {
  const project = openCliProject();
  expect((await project.run(["--help"])).stdout).toMatch(
    /failures \[options\] <file> +list what failed in earlier\s+updates/,
  );
  expect((await project.run(["update", "--help"])).stdout).toMatch(
    /--retry-failed +run only what failed before/,
  );
});
