import type { Random } from "../../src/kernel/random.ts";
import type { ExampleProject } from "../support/example-project.ts";

/** A whole number in [0, below). */
export function pickNumber(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[pickNumber(random, from.length)]!;
}

/** A path that is often taken, in a folder that often goes away. */
function somePath(random: Random): string {
  return `data/${pick(random, ["", "a/", "a/b/", "c/d/e/"])}page-${pickNumber(random, 25)}.md`;
}

/** Few texts, so that rows often have equal ones. */
export function someText(random: Random): string {
  return `# Page ${pickNumber(random, 40)}\n\n${"Its *text*. ".repeat(1 + pickNumber(random, 30))}\n`;
}

const edits: readonly ((project: ExampleProject, random: Random) => void)[] = [
  (project, random) => project.write(somePath(random), someText(random)),
  (project, random) => project.write(existing(project, random), someText(random)),
  (project, random) => project.touch(existing(project, random)),
  (project, random) => project.remove(existing(project, random)),
  (project, random) => project.move(existing(project, random), somePath(random)),
  (project, random) => swap(project, existing(project, random), existing(project, random)),
  (project) => moveFolder(project),
  // Loud or quiet: the code of the function.
  (project, random) => project.write("flows.ts", pick(random, variantsOf(project.read("flows.ts")))),
];

/** Changes the data, and now and then the code, in up to five ways. */
export function editAtRandom(project: ExampleProject, random: Random): void {
  for (let left = pickNumber(random, 6); left > 0; left--) pick(random, edits)(project, random);
}

const quiet = "markdown.render(text)";
const loud = 'markdown.render(text) + "<hr>"';

function variantsOf(flow: string): readonly string[] {
  const plain = flow.replace(loud, quiet);
  return [plain, plain.replace(quiet, loud)];
}

/** What the flow's function adds to what Markdown gives. */
export function endingOf(flow: string): string {
  return flow.includes(loud) ? "<hr>" : "";
}

function existing(project: ExampleProject, random: Random): string {
  const names = [...project.files("data").keys()].filter((name) => name.endsWith(".md"));
  if (names.length > 0) return `data/${pick(random, names)}`;
  project.write("data/only.md", someText(random));
  return "data/only.md";
}

function swap(project: ExampleProject, one: string, other: string): void {
  if (one === other) return;
  project.move(one, "data/between.md");
  project.move(other, one);
  project.move("data/between.md", other);
}

function moveFolder(project: ExampleProject): void {
  const [from, to] = project.has("data/a") ? ["data/a", "data/z"] : ["data/z", "data/a"];
  if (project.has(from) && !project.has(to)) project.move(from, to);
}
