import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { renderSummary } from "../src/cli/render-summary.ts";
import { styleFor } from "../src/cli/style.ts";
import type { UpdateInfo } from "../src/index.ts";

// Runs the Markdown example on this repository's own documents, in a temporary directory, and looks whether an
// edit of one of them costs the work of one.

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const example = join(repository, "examples", "markdown-html");
const commandLine = join(repository, "dist", "cli", "main.js");
const style = styleFor(process.stdout, process.env);

/** Numbers that are not what they should be. */
const problems: string[] = [];

buildWhereNeeded();
const project = realpathSync.native(mkdtempSync(join(tmpdir(), "sluice-quickstart-")));
try {
  show(project);
} finally {
  rmSync(project, { recursive: true, force: true });
}
for (const problem of problems) console.error(style("red", `Not as it should be: ${problem}`));
process.exitCode = problems.length === 0 ? 0 : 1;

function show(directory: string): void {
  const documents = copyExample(directory);
  const count = documents.length;
  say(`The flow of examples/markdown-html, on a copy of docs/: ${count} files.`);

  say("\nThe first update creates the output directory and makes every page.\n");
  expectWork(update(directory), { read: count, computed: count, upserted: count });
  showPages(directory);

  say("\nNothing changed since.\n");
  expectWork(update(directory), { read: 0, computed: 0, upserted: 0 });

  const edited = documents.find((name) => name.endsWith("getting-started.md")) ?? documents[0]!;
  say(`\nA line is added to the copy of ${edited}.\n`);
  appendFileSync(join(directory, "data", edited), "\nOnly this page is *made again*.\n");
  expectWork(update(directory), { read: 1, computed: 1, upserted: 1 });
  const page = readFileSync(join(directory, "output_html", `${edited}.html`), "utf8");
  const last = page.trimEnd().split("\n").at(-1) ?? "";
  say(`  ${last}`);
  if (!last.includes("<em>made again</em>")) problems.push(`the page of ${edited} lacks the line`);

  say("\nOne file changed: one was read, computed and written.");
  say("Next: README.md, and docs/guide/getting-started.md for a flow of your own.");
}

/** The example's code over this repository's documents; the names of these. */
function copyExample(directory: string): string[] {
  for (const name of ["flows.ts", "html-files.ts", "package.json"]) {
    cpSync(join(example, name), join(directory, name));
  }
  cpSync(join(repository, "docs"), join(directory, "data"), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(directory, "node_modules"), "junction");
  return readdirSync(join(directory, "data"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.replaceAll("\\", "/"))
    .sort();
}

/** Runs the command line as a user would, and shows what it shows. */
function update(directory: string): UpdateInfo {
  say(style("dim", "$ sluice update flows.ts --setup"));
  const args = [commandLine, "update", "flows.ts", "--setup", "--json"];
  const ran = spawnSync(process.execPath, args, { cwd: directory, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`the update ended with exit code ${ran.status}:\n${ran.stderr}`);
  const { flows } = JSON.parse(ran.stdout) as { readonly flows: readonly UpdateInfo[] };
  const info = flows[0]!;
  for (const line of renderSummary(info, style, 80)) say(line);
  return info;
}

interface Work {
  readonly read: number;
  readonly computed: number;
  readonly upserted: number;
}

function expectWork({ sources, functions, targets }: UpdateInfo, expected: Work): void {
  const done: Work = {
    read: sources.documents?.read ?? -1,
    computed: functions.markdownToHtml?.computed ?? 0,
    upserted: targets.OutputHtml?.upserted ?? 0,
  };
  for (const name of ["read", "computed", "upserted"] as const) {
    if (done[name] !== expected[name]) problems.push(`${done[name]} ${name}, not ${expected[name]}`);
  }
}

/** Some of the pages, and how the first begins. */
function showPages(directory: string): void {
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

function buildWhereNeeded(): void {
  if (isBuilt()) return;
  say("Building dist/ …\n");
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
}

/** Whether the build is newer than everything that it was made from. */
function isBuilt(): boolean {
  if (!existsSync(commandLine)) return false;
  const builtAt = statSync(commandLine).mtimeMs;
  const sources = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" });
  return sources.every((name) => statSync(join(repository, "src", name)).mtimeMs <= builtAt);
}

/** Prints lines of at most 80 columns; what goes on is indented. */
function say(text: string): void {
  const cut = text.length > 80 ? text.lastIndexOf(" ", 80) : -1;
  console.log(cut > 0 ? `${text.slice(0, cut)}\n    ${text.slice(cut + 1)}` : text);
}
