import { describe, expect, test } from "vitest";
import { openCliProject } from "./cli-project.ts";

const escapeCode = "\u001b";

describe("update", () => {
  test("sets up where that is allowed, updates, and does nothing twice", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "B" });
    const first = await project.run(["update", "flows.ts", "--setup"]);
    expect(first.stdout.split("\n").map((line) => line.replace(/ in .*/, ""))).toEqual([
      "Docs: updated",
      "  documents  0 unchanged, 2 inserted, 0 updated, 0 deleted, 2 read",
      "  render     2 computed, 0 from cache",
      "  Pages      2 upserted, 0 deleted",
      "",
    ]);
    expect(first.stderr).toBe("flow Docs\n  + create  Pages  directory out\ncreated Pages: directory out\n");
    expect(first.code).toBe(0);
    expect(project.read("out/a.md.html")).toBe("<p>A</p>");

    const second = await project.run(["update", "flows.ts"]);
    expect(second.stdout).toMatch(/^Docs: nothing changed: 0 read, 0 computed, 0 written \(2 rows, .*\)\n$/);
    expect(second.stderr).toBe("");
    expect(second.code).toBe(0);

    project.write("data/a.md", "A2");
    project.remove("data/b.md");
    const third = await project.run(["update", "flows.ts:Docs"]);
    expect(third.stdout).toContain("0 unchanged, 0 inserted, 1 updated, 1 deleted, 1 read");
    expect(third.stdout).toContain("1 upserted, 1 deleted");
    expect(project.list("out")).toEqual(["a.md.html"]);
  });

  test("a script that did not allow a setup is told, and nothing happens", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const { code, stdout, stderr } = await project.run(["update", "flows.ts"]);
    expect(stderr).toContain("  + create  Pages  directory out\n");
    expect(stderr).toContain("error: the flow must be set up first\nhint: Run with --setup, or");
    expect(stdout).toBe("");
    expect(code).toBe(3);
    expect(project.list(".")).not.toContain("out");
    expect(project.list(".")).not.toContain(".sluice");
  });

  test("notices of functions come once on stderr, tokens in the summary, both in the JSON", async () => {
    const project = openCliProject({
      "data/a.md": "A",
      "data/b.md": "B",
      "noisy.ts": `import { defineFlow, defineFunction } from "sluice";
import { z } from "zod";
import { htmlFiles, textFiles } from "./connectors.ts";

const ask = defineFunction({
  name: "ask",
  input: { text: z.string() },
  output: z.string(),
  run({ text }, context) {
    context.notice("the model is slow today");
    context.countUsage({ inputTokens: 2100, outputTokens: 5 });
    return text;
  },
});

export const noisy = defineFlow("Noisy", (flow) => {
  const pages = flow.addCollector<{ filename: string; html: string }>();
  flow.addSource("documents", textFiles({ path: "data" })).forEachRow((doc) => {
    pages.collect({ filename: doc.filename, html: doc.content.transform(ask) });
  });
  pages.export("Pages", htmlFiles({ directory: "out" }), { primaryKeyFields: ["filename"] });
});
`,
    });
    await project.run(["setup", "noisy.ts", "--force"]);
    const first = await project.run(["update", "noisy.ts"]);
    expect(first.stderr).toBe("note: function ask: the model is slow today\n");
    expect(first.stdout).toContain("  ask        2 computed, 0 from cache, 4,200 tokens in, 10 out\n");
    expect(first.code).toBe(0);
    const second = await project.run(["update", "noisy.ts", "--full-reprocess", "--quiet", "--json"]);
    expect(second.stderr).toBe("");
    expect(JSON.parse(second.stdout).flows[0]).toMatchObject({
      functions: { ask: { inputTokens: 4_200, outputTokens: 10 } },
      notices: [{ about: "function ask", message: "the model is slow today" }],
    });
  });

  test("what destroys needs --force, and --setup is not enough", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "flows.ts", "--setup"]);
    project.write(
      "flows.ts",
      project.read("flows.ts").replace('directory: "out"', 'directory: "out", suffix: ".htm"'),
    );
    const refused = await project.run(["update", "flows.ts", "--setup"]);
    expect(refused.stderr).toContain("± rebuild  Pages  directory out  (its row is lost");
    expect(refused.stderr).toContain('suffix: ".html" → ".htm"');
    expect(refused.stderr).toContain("hint: Data would be lost");
    expect(refused.code).toBe(3);
    expect(project.list("out")).toEqual(["a.md.html"]);

    const forced = await project.run(["update", "flows.ts", "--force"]);
    expect(forced.code).toBe(0);
    expect(project.list("out")).toEqual(["a.md.htm"]);
  });

  test("a failed row is listed with its place, and the exit code is 1", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "BOOM" });
    const { code, stdout, stderr } = await project.run(["update", "flows.ts", "--setup"]);
    expect(stderr).toContain(
      "Docs: 1 row failed\n  documents b.md, step render: cannot render BOOM (connectors.ts:",
    );
    expect(stdout).toContain("Docs: updated in part in ");
    expect(code).toBe(1);

    const quiet = await project.run(["update", "flows.ts", "--quiet"]);
    expect(quiet.stdout).toBe("");
    expect(quiet.stderr).toMatch(/^Docs: 1 row failed\n.*cannot render BOOM.*\n$/);
    expect(quiet.code).toBe(1);
  });

  test("an incomplete listing deletes nothing, is told, and the exit code is 1", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "B" });
    await project.run(["update", "flows.ts", "--setup"]);
    project.write("unlistable");
    project.remove("data/b.md");
    const { code, stderr } = await project.run(["update", "flows.ts"]);
    expect(stderr).toContain(
      "the listing of documents was incomplete, so nothing was deleted: a part cannot be listed",
    );
    expect(code).toBe(1);
    expect(project.list("out")).toEqual(["a.md.html", "b.md.html"]);
  });

  test("--json is one document", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "BOOM" });
    const { code, stdout } = await project.run(["update", "flows.ts", "--setup", "--json"]);
    const document = JSON.parse(stdout) as { flows: { sources: unknown; failures: { error: unknown }[] }[] };
    expect(document).toMatchObject({ ok: false, flows: [{ flow: "Docs", ok: false }] });
    expect(document.flows[0]!.sources).toMatchObject({ documents: { inserted: 1, failed: 1 } });
    expect(document.flows[0]!.failures[0]!.error).toEqual({
      code: "function-failed",
      message: "cannot render BOOM",
      where: { flow: "Docs", source: "documents", row: "b.md", step: "render" },
    });
    expect(code).toBe(1);
  });

  test("--full-reprocess computes and --reexport writes again", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "flows.ts", "--setup"]);
    const computed = await project.run(["update", "flows.ts", "--full-reprocess"]);
    expect(computed.stdout).toContain("1 computed, 0 from cache");
    project.remove("out/a.md.html");
    const written = await project.run(["update", "flows.ts", "--reexport"]);
    expect(written.stdout).toContain("1 upserted");
    expect(project.list("out")).toEqual(["a.md.html"]);
  });

  test("--reset drops first", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "flows.ts", "--setup"]);
    project.write("out/foreign.txt", "left over");
    const refused = await project.run(["update", "flows.ts", "--setup", "--reset"]);
    expect(refused.stderr).toContain("- drop  Pages  directory out  (its row is lost)");
    expect(refused.code).toBe(3);
    const forced = await project.run(["update", "flows.ts", "--force", "--reset"]);
    expect(forced.stdout).toContain("1 inserted");
    expect(project.list("out")).toEqual(["a.md.html"]);
  });

  test("all flows of a file, or the one that is named", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    const one = await project.run(["update", "two.ts:Second", "--setup"]);
    expect(one.stdout).toMatch(/^Second: updated/);
    const all = await project.run(["update", "two.ts", "--setup"]);
    expect(all.stdout).toMatch(/^First: updated[\s\S]*\nSecond: nothing changed/);
  });

  test("a pipe gets no escape codes, and FORCE_COLOR gives them", async () => {
    const project = openCliProject({ "data/a.md": "BOOM" });
    const plain = await project.run(["update", "flows.ts", "--setup"]);
    expect(plain.stdout + plain.stderr).not.toContain(escapeCode);
    const forced = await project.run(["update", "flows.ts"], { env: { FORCE_COLOR: "1" } });
    expect(forced.stdout).toContain(escapeCode);
    const none = await project.run(["update", "flows.ts"], { env: { NO_COLOR: "1" } });
    expect(none.stdout + none.stderr).not.toContain(escapeCode);
  });

  test("a stray rejection is reported, stops no row, and the exit code is 6", async () => {
    const project = openCliProject({ "data/a.md": "STRAY", "data/b.md": "B" });
    const { code, stderr } = await project.run(["update", "flows.ts", "--setup"]);
    expect(stderr).toContain("error: nobody waits for me\n  at connectors.ts:");
    expect(project.list("out")).toEqual(["a.md.html", "b.md.html"]);
    expect(code).toBe(6);
  });

  test("a store that cannot be made is an error of the store", async () => {
    const project = openCliProject({ "data/a.md": "A", ".sluice": "a file in its place" });
    const { code, stderr } = await project.run(["update", "flows.ts", "--setup"]);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(6);
  });
});
