import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Task } from "./counts.ts";
import type { ContenderName, PhaseName } from "./results.ts";

export interface Contender {
  readonly name: ContenderName;
  readonly isRival: boolean;
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
  nodeRival("langchain-full", "langchain.mjs", { cleanup: "full" }),
  nodeRival("langchain-incremental", "langchain.mjs", { cleanup: "incremental" }),
  nodeRival("llamaindex", "llamaindex.mjs"),
  {
    name: "cocoindex",
    isRival: true,
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
    phases: allPhases,
    command: (task) => [process.execPath, module, JSON.stringify(task)],
    absence: () => null,
  };
}

function nodeRival(
  name: ContenderName,
  module: string,
  more: Readonly<Record<string, string>> = {},
): Contender {
  return {
    name,
    isRival: true,
    phases: rivalPhases,
    command: (task) => [process.execPath, rivalsDirectory + module, JSON.stringify({ ...task, ...more })],
    absence: () =>
      existsSync(`${rivalsDirectory}node_modules`) ? null : "its packages could not be installed",
  };
}
