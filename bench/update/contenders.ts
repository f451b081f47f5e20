import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Task } from "./counts.ts";
import type { ContenderName, PhaseName } from "./results.ts";

export interface Contender {
  readonly name: ContenderName;
  readonly isRival: boolean;
  /** No figure that is to be reached names it: once, and on small corpora, will do. */
  readonly isAside: boolean;
  readonly phases: readonly PhaseName[];
  /** What is run for a task. */
  command(task: Task): [string, ...string[]];
  /** Null where it can be run; else why it cannot. */
  absence(): string | null;
}

const rivalPhases: readonly PhaseName[] = [
  "initial",
  "unchanged",
  "edited",
  "touched",
  "renamed",
  "splitter",
  "interrupted",
  "resumed",
];
const allPhases: readonly PhaseName[] = [...rivalPhases, "reexport"];

/** Beside the built modules of the bench, which rivals use too. */
export const rivalsDirectory = fileURLToPath(new URL("../../../rivals/", import.meta.url));
export const cocoindexPython = `${rivalsDirectory}cocoindex/.venv/bin/python`;

/** All of them, in the order in which they are shown. */
export const contenders: readonly Contender[] = [
  ours("floor"),
  ours("sluice"),
  nodeRival("langchain-full", "langchain.mjs", { more: { cleanup: "full" } }),
  {
    ...nodeRival("langchain-incremental", "langchain.mjs", { more: { cleanup: "incremental" } }),
    isAside: true,
  },
  // All that it knows is one object in memory, which at 100,000 files is more than Node gives by itself.
  nodeRival("llamaindex", "llamaindex.mjs", { nodeOptions: ["--max-old-space-size=12288"] }),
  {
    name: "cocoindex",
    isRival: true,
    isAside: true,
    phases: rivalPhases,
    command: (task) => [cocoindexPython, `${rivalsDirectory}cocoindex/main.py`, JSON.stringify(task)],
    absence: () => (existsSync(cocoindexPython) ? null : "its Python package could not be installed"),
  },
];

function ours(name: "floor" | "sluice"): Contender {
  const module = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return {
    name,
    isRival: false,
    isAside: false,
    phases: allPhases,
    command: (task) => [process.execPath, module, JSON.stringify(task)],
    absence: () => null,
  };
}

function nodeRival(
  name: ContenderName,
  module: string,
  options: {
    readonly more?: Readonly<Record<string, string>>;
    readonly nodeOptions?: readonly string[];
  } = {},
): Contender {
  return {
    name,
    isRival: true,
    isAside: false,
    phases: rivalPhases,
    command: (task) => [
      process.execPath,
      ...(options.nodeOptions ?? []),
      rivalsDirectory + module,
      JSON.stringify({ ...task, ...options.more }),
    ],
    absence: () =>
      existsSync(`${rivalsDirectory}node_modules`) ? null : "its packages could not be installed",
  };
}
