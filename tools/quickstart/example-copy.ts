import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { renderQuery } from "../../src/cli/render-query.ts";
import { renderSummary } from "../../src/cli/render-summary.ts";
import type { QueryResult, UpdateInfo } from "../../src/index.ts";
import { columns, say, style } from "./say.ts";

const repository = resolve(import.meta.dirname, "..", "..");
const commandLine = join(repository, "dist", "cli", "main.js");

/** A copy of an example beside a copy of this repository's documents, as both stand here. */
export interface ExampleCopy {
  readonly directory: string;
  /** Runs the command line as a user would, and shows what it shows. */
  update(): UpdateInfo;
  query(handler: string, text: string, limit: number): QueryResult["results"];
}

/** Copies these files of an example to the same place below a directory. */
export function copyExample(root: string, name: string, files: readonly string[]): ExampleCopy {
  const directory = join(root, "examples", name);
  mkdirSync(directory, { recursive: true });
  for (const file of [...files, "package.json"])
    cpSync(join(repository, "examples", name, file), join(directory, file));
  return {
    directory,
    update() {
      const { flows } = run<{ readonly flows: readonly UpdateInfo[] }>(directory, "update flows.ts --setup");
      const info = flows[0]!;
      for (const line of renderSummary(info, style, columns)) say(line);
      return info;
    },
    query(handler, text, limit) {
      const answer = run<QueryResult>(directory, `query flows.ts ${handler} --limit ${limit}`, text);
      for (const line of renderQuery(answer, { style, columns })) say(line);
      return answer.results;
    },
  };
}

/** This repository's documents and packages in another directory; the names of the documents. */
export function copyDocuments(root: string): string[] {
  cpSync(join(repository, "docs"), join(root, "docs"), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"), "junction");
  return readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.replaceAll("\\", "/"))
    .sort();
}

function run<T>(directory: string, command: string, text?: string): T {
  const [quoted, given] = text === undefined ? ["", []] : [` "${text}"`, [text]];
  say(style("dim", `$ sluice ${command}${quoted}`));
  const args = [commandLine, ...command.split(" "), ...given, "--json"];
  const ran = spawnSync(process.execPath, args, { cwd: directory, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`sluice ${command} ended with ${ran.status}:\n${ran.stderr}`);
  return JSON.parse(ran.stdout) as T;
}
