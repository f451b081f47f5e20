import MarkdownIt from "markdown-it";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ExampleProject, letFilesAge } from "../../test/support/example-project.ts";
import {
  byCommandLine,
  byLibrary,
  type ExampleRunner,
  noWork,
  type Work,
  workOf,
} from "../../test/support/run-example.ts";

const markdown = new MarkdownIt();
let project: ExampleProject;

beforeEach(() => {
  project = new ExampleProject();
});

afterEach(() => project.dispose());

describe.each([byLibrary, byCommandLine])("run by $name", (runner) => {
  /** Updates, and expects this much work, the same files as a build from nothing, and then nothing to do. */
  async function expectWork(expected: Partial<Work>): Promise<void> {
    await expectUpdate(runner, expected);
    await expectSameAsRebuild();
    await expectUpdate(byLibrary, noWork);
  }

  test("rows change", async () => {
    await expectWork({ read: 5, computed: 5, upserted: 5 });

    project.write("data/index.md", "# Rewritten\n");
    await expectWork({ read: 1, computed: 1, upserted: 1 });

    project.write("data/index.md", "# Rewritten\n\n\n"); // other text, same HTML
    await expectWork({ read: 1, computed: 1 });

    project.touch("data/notes/shopping.md");
    await expectWork({ read: 1 });

    project.move("data/index.md", "data/start/here.md");
    await expectWork({ read: 1, computed: 1, upserted: 1, deleted: 1 });
    expect([...project.files("output_html").keys()]).toContain("start/here.md.html");

    project.move("data/guide", "data/start/guide");
    await expectWork({ read: 3, computed: 3, upserted: 3, deleted: 3 });

    const soup = project.read("data/start/guide/recipes/fish-soup.md");
    project.remove("data/start/guide/recipes/fish-soup.md");
    await expectWork({ deleted: 1 });
    project.write("data/start/guide/recipes/fish-soup.md", soup);
    await expectWork({ read: 1, computed: 1, upserted: 1 });

    project.remove("data/start");
    await expectWork({ deleted: 4 });
    expect([...project.files("output_html").keys()]).toEqual(["notes/shopping.md.html"]);
  });

  test("an older copy is put back over a newer file", async () => {
    const older = project.read("data/index.md");
    project.touch("data/index.md", new Date("2020-01-01"));
    await expectWork({ read: 5, computed: 5, upserted: 5 });
    project.write("data/index.md", older.replace("harbour", "railway"));
    await expectWork({ read: 1, computed: 1, upserted: 1 });
    project.write("data/index.md", older);
    project.touch("data/index.md", new Date("2020-01-01"));
    await expectWork({ read: 1, computed: 1, upserted: 1 });
    expect(project.read("output_html/index.md.html")).toContain("harbour");
  });

  test("code changes", async () => {
    await expectWork({ read: 5, computed: 5, upserted: 5 });

    project.replace(
      "flows.ts",
      "=> markdown.render(text)",
      "=>\n    // Rendered by markdown-it.\n    (markdown).render( text )",
    );
    await expectWork({});

    project.replace("flows.ts", "(markdown).render( text )", '"<main>" + markdown.render(text) + "</main>"');
    await expectWork({ read: 5, computed: 5, upserted: 5 });
    expect(project.read("output_html/index.md.html")).toMatch(/^<main><h1>/);

    project.replace("flows.ts", "new MarkdownIt()", "new MarkdownIt({ html: true })"); // reached from the function
    await expectWork({ read: 5, computed: 5 });

    project.replace("flows.ts", 'directory: "output_html"', 'directory: "./output_html/"');
    await expectWork({});
  });

  test("another output directory replaces the first", async () => {
    await expectWork({ read: 5, computed: 5, upserted: 5 });
    project.write("output_html/notes/mine.txt", "not written by the flow");
    project.replace("flows.ts", 'directory: "output_html"', 'directory: "site"');
    const info = await runner.update(project);
    expect(workOf(info)).toMatchObject({ upserted: 5 });
    expect([...project.files("site").keys()]).toHaveLength(5);
    expect([...project.files("output_html").keys()]).toEqual(["notes/mine.txt"]);
  });

  test("one bad file is one bad row", async () => {
    await expectWork({ read: 5, computed: 5, upserted: 5 });
    const before = project.read("output_html/index.md.html");
    project.write("data/index.md", Uint8Array.of(0x23, 0x20, 0xff, 0xfe));
    project.write("data/notes/shopping.md", "# Nothing to buy\n");
    const info = await runner.update(project);
    expect(info.ok).toBe(false);
    expect(info.failures).toMatchObject([{ row: "index.md", error: { code: "text-undecodable" } }]);
    expect(workOf(info)).toMatchObject({ computed: 1, upserted: 1, deleted: 0 });
    expect(project.read("output_html/index.md.html")).toBe(before);
    project.write("data/index.md", "# Mended\n");
    await expectWork({ read: 1, computed: 1, upserted: 1 });
  });

  test("pages that others have changed are found, and put right", async () => {
    await expectWork({ read: 5, computed: 5, upserted: 5 });
    const pages = project.files("output_html");
    project.remove("output_html/index.md.html");
    project.remove("output_html/guide");
    project.write("output_html/notes/shopping.md.html", "<h1>Buy nothing</h1>\n");
    project.write("output_html/old/page.md.html", "<h1>Left over</h1>\n");
    project.write("output_html/notes/mine.txt", "no page");
    const { targets, ok } = await runner.verify(project);
    expect(ok).toBe(false);
    expect(targets.OutputHtml).toMatchObject({ expected: 5, found: 2, missing: 4, extra: 1, different: 1 });
    expect(targets.OutputHtml!.findings.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      "missing guide/first-steps.md",
      "missing guide/recipes/bread.md",
      "missing guide/recipes/fish-soup.md",
      "missing index.md",
      "extra old/page.md",
      "different notes/shopping.md",
    ]);
    const repaired = await runner.verify(project, { repair: true });
    expect(repaired).toMatchObject({
      repair: { targets: { OutputHtml: { written: 5, deleted: 1 } } },
      ok: true,
    });
    expect(project.read("output_html/notes/mine.txt")).toBe("no page");
    project.remove("output_html/notes/mine.txt");
    expect(project.files("output_html")).toEqual(pages);
    expect(project.emptyFolders("output_html")).toEqual([]);
    await expectWork({});
  });

  test("dropped and set up again", async () => {
    await expectWork({ read: 5, computed: 5, upserted: 5 });
    await runner.drop(project);
    expect([...project.files("output_html").keys()]).toEqual([]);
    await expectWork({ read: 5, computed: 5, upserted: 5 });
  });
});

async function expectUpdate(runner: ExampleRunner, expected: Partial<Work>): Promise<void> {
  letFilesAge(project.directory);
  const info = await runner.update(project);
  expect([info.failures, info.incomplete, info.ok]).toEqual([[], [], true]);
  expect(workOf(info)).toEqual({ ...noWork, ...expected });
}

test("a thousand files, with a cached function", async () => {
  /** As `expectWork`, with pages that were rendered here in place of a rebuild. */
  async function expectPages(expected: Partial<Work>): Promise<void> {
    await expectUpdate(byCommandLine, expected);
    const documents = [...project.files("data")];
    const pages = documents.map(([name, text]) => [`${name}.html`, markdown.render(text)] as const);
    expect(project.files("output_html")).toEqual(new Map(pages.sort()));
    await expectUpdate(byCommandLine, noWork);
  }

  project.replace("flows.ts", 'name: "markdownToHtml",', 'name: "markdownToHtml",\n  cache: true,');
  project.remove("data");
  for (let i = 0; i < 1000; i++) {
    project.write(`data/${i % 10}/page-${i}.md`, `# Page ${i}\n\nIts *text*.\n`);
  }
  await expectPages({ read: 1000, computed: 1000, upserted: 1000 });
  project.touch("data/1/page-11.md");
  await expectPages({ read: 1 });
  project.move("data/2/page-12.md", "data/moved.md");
  await expectPages({ read: 1, upserted: 1, deleted: 1 });
  const older = project.read("data/3/page-13.md");
  project.touch("data/3/page-13.md", new Date("2020-01-01"));
  await expectPages({ read: 1 });
  project.write("data/3/page-13.md", "# Edited\n");
  await expectPages({ read: 1, computed: 1, upserted: 1 });
  project.write("data/3/page-13.md", older);
  project.touch("data/3/page-13.md", new Date("2020-01-01"));
  await expectPages({ read: 1, upserted: 1 }); // its result is remembered
  project.remove("data/4/page-14.md");
  await expectPages({ deleted: 1 });
}, 120_000);

/** A build from nothing holds the same files, and a page stands there for every document. */
async function expectSameAsRebuild(): Promise<void> {
  const rebuild = project.copyUnbuilt();
  try {
    rebuild.replace("html-files.ts", "{ flush: true }", "{}"); // it need not outlive a power cut
    await byLibrary.update(rebuild);
    const files = project.files("output_html");
    expect(files).toEqual(rebuild.files("output_html"));
    const documents = [...project.files("data").keys()].filter((name) => name.endsWith(".md"));
    expect([...files.keys()]).toEqual(documents.map((name) => `${name}.html`).sort());
  } finally {
    rebuild.dispose();
  }
}
