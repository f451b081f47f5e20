import { describe, expect, test, vi } from "vitest";
import { type CliProject, openCliProject, type Running } from "./cli-project.ts";

const files = { "data/a.md": "A", "data/b.md": "B", "notes/n.md": "N" };
const nothingToFollow =
  "Docs: there is nothing to follow: no source is watched or has a refreshInterval\n" +
  "hint: Give addSource a refreshInterval, or localFiles watchChanges.\n";

/** More than Node lets wait on one signal before it warns of a leak. */
const manyFlows = `
import { defineFlow } from "sluice";
import { htmlFiles, textFiles } from "./connectors.ts";

for (let i = 0; i < 12; i++) {
  defineFlow(\`Flow\${i}\`, (flow) => {
    const pages = flow.addCollector<{ filename: string; html: string }>();
    flow.addSource("notes", textFiles({ path: "notes" }), { refreshInterval: "1h" }).forEachRow((note) => {
      pages.collect({ filename: note.filename, html: note.content });
    });
    pages.export("Notes", htmlFiles({ directory: \`out\${i}\` }), { primaryKeyFields: ["filename"] });
  });
}
`;

/** Starts a live update, and waits until it has caught up. */
async function startLive(project: CliProject, target: string, ...options: string[]): Promise<Running> {
  const live = project.start(["update", "--live", target, "--setup", ...options]);
  await live.printed(options.includes("--json") ? '"kind":"caught-up"' : "caught up in ");
  return live;
}

async function holds(project: CliProject, contents: Readonly<Record<string, string>>): Promise<void> {
  await vi.waitFor(
    () => {
      for (const [path, content] of Object.entries(contents)) expect(project.read(path)).toBe(content);
    },
    { timeout: 10_000 },
  );
}

describe("a live update", () => {
  test("follows all flows of the file, stops with Ctrl-C, and leaves nothing to do", async () => {
    const project = openCliProject(files);
    const live = project.start(["update", "-L", "live.ts", "--setup"]);
    await live.printed("Told: caught up in ");
    await live.printed("Listed: caught up in ");
    project.write("data/a.md", "A2");
    project.write("data/c.md", "C");
    project.remove("data/b.md");
    project.write("notes/n.md", "N2");
    await holds(project, {
      "out/a.md.html": "<p>A2</p>",
      "out/c.md.html": "<p>C</p>",
      "listed/n.md.html": "N2",
    });
    await vi.waitFor(() => expect(project.list("out")).toEqual(["a.md.html", "c.md.html"]), {
      timeout: 10_000,
    });
    live.kill("SIGINT");
    const { code, stdout, stderr } = await live.finished;
    expect(stderr).toContain(
      "stopping: finishing what is half applied; press Ctrl-C again to stop at once\n",
    );
    expect(stdout).toBe("");
    expect(code).toBe(130);

    const next = await project.run(["update", "live.ts"]);
    const idle = "nothing changed: 0 read, 0 computed, 0 written";
    expect(next.stdout).toContain(`Told: ${idle} (2 rows`);
    expect(next.stdout).toContain(`Listed: ${idle} (1 row`);
    expect(next.code).toBe(0);
  });

  test("of many flows is stopped by one signal, of which Node does not warn", async () => {
    const project = openCliProject({ ...files, "many.ts": manyFlows });
    const live = project.start(["update", "--live", "many.ts", "--setup"]);
    for (let i = 0; i < 12; i++) await live.printed(`Flow${i}: caught up in `);
    live.kill("SIGINT");
    const { code, stderr } = await live.finished;
    expect(stderr).not.toContain("MaxListenersExceededWarning");
    expect(code).toBe(130);
  });

  test("stops at once with a second Ctrl-C, and the next update goes on", async () => {
    const project = openCliProject(files);
    const live = await startLive(project, "live.ts:Told");
    project.write("data/a.md", "WAIT STUBBORN");
    await live.printed("waiting for go");
    live.kill("SIGINT");
    await live.printed("stopping: ");
    live.kill("SIGINT");
    expect((await live.finished).code).toBe(130);
    project.write("go");
    expect((await project.run(["update", "live.ts:Told"])).code).toBe(0);
    expect(project.read("out/a.md.html")).toBe("<p>WAIT STUBBORN</p>");
  });

  test("says without a terminal what happens, a line each, with the time", async () => {
    const project = openCliProject(files);
    const live = await startLive(project, "live.ts:Told");
    project.write("data/b.md", "BOOM");
    await live.printed("Told documents b.md, step render: cannot render BOOM (connectors.ts:");
    project.write("dead");
    await live.printed("Told documents: somebody killed the watcher; started again in ");
    project.remove("dead");
    await live.printed("Told documents: watched again");
    project.write("data/b.md", "B2");
    await holds(project, { "out/b.md.html": "<p>B2</p>" });
    live.kill("SIGTERM");
    const { stderr, code } = await live.finished;
    expect(code).toBe(130);
    const lines = stderr.split("\n").slice(3, -1);
    const told = lines.filter((line) => !line.startsWith("stopping: "));
    expect(told).toHaveLength(lines.length - 1);
    for (const line of told) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z Told[ :]/);
    const texts = told.map((line) => line.slice(25));
    expect(texts[0]).toBe("Told: started");
    expect(texts[1]).toMatch(/^Told: caught up in .*: 2 inserted, 0 failed$/);
    expect(texts).toContain("Told: stopping");
    expect(texts.join("\n")).toMatch(/Told documents: 1 updated, \d+ failed, 1 recovered(; lag .*)?\n/);
    expect(texts.at(-1)).toMatch(/^Told: stopped after .*: 2 inserted, 1 updated, \d+ failed$/);
  });

  test("prints what happens as lines of JSON, and how it ended as the last", async () => {
    const project = openCliProject(files);
    const live = await startLive(project, "live.ts:Told", "--json");
    project.write("data/a.md", "A2");
    await live.printed('"lagMs":');
    project.write("data/b.md", "BOOM");
    await live.printed('"kind":"row-failed"');
    live.kill("SIGINT");
    const { stdout, code } = await live.finished;
    expect(code).toBe(130);
    const lines = stdout.trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const event of events) {
      expect(event).toMatchObject({ flow: "Told", kind: expect.any(String) });
      expect(new Date(event.at as string).toISOString()).toBe(event.at);
    }
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(["source-started", "watch-armed", "source-listed", "caught-up", "changes-told"]),
    );
    expect(kinds).not.toContain("function-called");
    expect(events.find(({ kind }) => kind === "row-failed")).toMatchObject({
      source: "documents",
      row: "b.md",
      error: { code: "function-failed", message: "cannot render BOOM", where: { step: "render" } },
    });
    expect(kinds.filter((kind) => kind === "ended")).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ kind: "ended", stopped: true, info: { flow: "Told" } });
  });

  test("says with --quiet only what goes wrong", async () => {
    const project = openCliProject(files);
    await project.run(["setup", "live.ts", "--force"]);
    const live = project.start(["update", "--live", "live.ts:Told", "--quiet"]);
    await holds(project, { "out/a.md.html": "<p>A</p>" });
    project.write("data/b.md", "BOOM");
    await live.printed("cannot render BOOM");
    project.write("data/a.md", "A2");
    await holds(project, { "out/a.md.html": "<p>A2</p>" });
    live.kill("SIGINT");
    const { stdout, stderr } = await live.finished;
    expect(stdout).toBe("");
    const lines = stderr.trimEnd().split("\n");
    expect(lines.filter((line) => !/cannot render BOOM|^stopping: /.test(line))).toEqual([]);
  });

  test("holds deletions that are too many, and says the command that approves", async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`data/${n}.md`, `text ${n}`]));
    const project = openCliProject({ ...many, "notes/n.md": "N" });
    const live = await startLive(project, "live.ts:Told");
    for (let n = 0; n < 20; n++) project.remove(`data/${n}.md`);
    const command = /if they are to go, stop and run: sluice (update live\.ts:Told --allow-deletions=\d+)/;
    await live.printed("deletions are held for approval");
    live.kill("SIGINT");
    const { stderr } = await live.finished;
    expect(stderr).toMatch(command);
    const approved = await project.run(["update", "live.ts:Told", "--allow-deletions=20"]);
    expect(approved.code).toBe(0);
    expect(project.list("out")).toHaveLength(10);
  });

  test("is not stopped by one flow that cannot be updated", async () => {
    const project = openCliProject({ ...files, "data/a.md": "WAIT" });
    const holder = project.start(["update", "live.ts:Told", "--setup"]);
    await holder.printed("waiting for go");
    const live = project.start(["update", "--live", "live.ts", "--setup"]);
    await live.printed("Listed: caught up in ");
    await live.printed("Told: ended by an error\nerror: ");
    project.write("notes/n.md", "N2");
    await holds(project, { "listed/n.md.html": "N2" });
    live.kill("SIGINT");
    expect((await live.finished).code).toBe(130);
    const alone = await project.run(["update", "--live", "live.ts:Told", "--json"]);
    expect(alone.code).toBe(5);
    expect(JSON.parse(alone.stdout.trimEnd().split("\n").at(-1)!)).toMatchObject({
      flow: "Told",
      kind: "ended",
      ok: false,
      stopped: false,
      error: { code: "flow-held" },
    });
  });
});

describe("a live update with nothing to follow", () => {
  test("says so after its summary, and ends as an update does", async () => {
    const project = openCliProject({ "data/a.md": "A", "data/b.md": "BOOM" });
    const failed = await project.run(["update", "--live", "flows.ts", "--setup"]);
    expect(failed.stdout).toMatch(
      /^Docs: updated in part in .*\n {2}documents .* 1 inserted,.* 1 failed, 2 read\n/,
    );
    expect(failed.stderr).toContain("Docs documents b.md, step render: cannot render BOOM");
    expect(failed.stderr.endsWith(nothingToFollow)).toBe(true);
    expect(failed.code).toBe(1);

    project.remove("data/b.md");
    const done = await project.run(["update", "--live", "flows.ts", "--json"]);
    expect(JSON.parse(done.stdout.trimEnd().split("\n").at(-1)!)).toMatchObject({
      kind: "ended",
      ok: true,
      stopped: false,
      info: { sources: { documents: { deleted: 1 } } },
    });
    expect(done.stderr.endsWith(nothingToFollow)).toBe(true);
    expect(done.code).toBe(0);
    const quiet = await project.run(["update", "--live", "flows.ts", "--quiet"]);
    expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("takes the options of an update", async () => {
    const project = openCliProject({ "data/a.md": "A" });
    await project.run(["update", "flows.ts", "--setup"]);
    const computed = await project.run(["update", "--live", "flows.ts", "--full-reprocess"]);
    expect(computed.stdout).toContain("1 computed, 0 from cache");
    project.remove("out/a.md.html");
    const written = await project.run(["update", "--live", "flows.ts", "--reexport"]);
    expect(written.stdout).toContain("1 upserted");
    project.remove("data/a.md");
    project.write("data/b.md", "B");
    const refused = await project.run(["update", "--live", "flows.ts", "--retry-failed", "--json"]);
    expect(refused.stderr).toContain("error: --retry-failed cannot be used with --live\nhint: ");
    expect(JSON.parse(refused.stdout)).toMatchObject({ kind: "ended", ok: false, error: { code: "usage" } });
    expect(refused.stdout.trimEnd()).not.toContain("\n");
    expect(refused.code).toBe(2);
  });

  test("is refused where a setup was not allowed", async () => {
    const project = openCliProject(files);
    const { code, stderr } = await project.run(["update", "--live", "live.ts"]);
    expect(stderr).toContain("error: the flow must be set up first\nhint: Run with --setup, or");
    expect(code).toBe(3);
  });
});
