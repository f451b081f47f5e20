import { appendFileSync, cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { UpdateInfo } from "../../src/index.ts";
import { copyExample } from "./example-copy.ts";
import { expectNumbers, problems, say } from "./say.ts";

/** Makes pages of the documents, edits one of these, and looks whether that costs the work of one. */
export function showPages(root: string, documents: readonly string[]): void {
  const example = copyExample(root, "markdown-html", ["flows.ts", "html-files.ts"]);
  cpSync(join(root, "docs"), join(example.directory, "data"), { recursive: true });
  const count = documents.length;
  say(`The flow of examples/markdown-html, on a copy of docs/: ${count} files.`);

  say("\nThe first update creates the output directory and makes every page.\n");
  expectNumbers(workOf(example.update()), { read: count, computed: count, upserted: count });
  listPages(example.directory);

  say("\nNothing changed since.\n");
  expectNumbers(workOf(example.update()), { read: 0, computed: 0, upserted: 0 });

  const edited = documents.find((name) => name.endsWith("getting-started.md")) ?? documents[0]!;
  say(`\nA line is added to the copy of ${edited}.\n`);
  appendFileSync(join(example.directory, "data", edited), "\nOnly this page is *made again*.\n");
  expectNumbers(workOf(example.update()), { read: 1, computed: 1, upserted: 1 });
  const page = readFileSync(join(example.directory, "output_html", `${edited}.html`), "utf8");
  const last = page.trimEnd().split("\n").at(-1) ?? "";
  say(`  ${last}`);
  if (!last.includes("<em>made again</em>")) problems.push(`the page of ${edited} lacks the line`);
  say("\nOne file changed: one was read, computed and written.");
}

function workOf({ sources, functions, targets }: UpdateInfo) {
  return {
    read: sources.documents?.read ?? -1,
    computed: functions.markdownToHtml?.computed ?? 0,
    upserted: targets.OutputHtml?.upserted ?? 0,
  };
}

/** Some of the pages, and how the first begins. */
function listPages(directory: string): void {
  const output = join(directory, "output_html");
  const pages = readdirSync(output, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .sort();
  const shown = pages.slice(0, 4);
  say("");
  for (const page of shown) say(`  output_html/${page}`);
  if (pages.length > shown.length) say(`  and ${pages.length - shown.length} more; the first begins:`);
  const lines = readFileSync(join(output, pages[0]!), "utf8").split("\n").slice(0, 3);
  for (const line of lines) say(`    ${line.length > 76 ? `${line.slice(0, 75)}…` : line}`);
}
