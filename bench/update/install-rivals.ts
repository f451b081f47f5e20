import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cocoindexPython, rivalsDirectory } from "./contenders.ts";

/** Installs the rivals that are not there yet. One that cannot be had is left out, and said to be. */
export function installRivals(): void {
  if (!existsSync(rivalsDirectory)) return;
  if (!existsSync(`${rivalsDirectory}node_modules`)) attempt("npm", ["ci", "--prefix", rivalsDirectory]);
  const directory = `${rivalsDirectory}cocoindex/`;
  if (existsSync(cocoindexPython) || !existsSync(`${directory}requirements.txt`)) return;
  if (attempt("python3", ["-m", "venv", `${directory}.venv`]))
    attempt(cocoindexPython, ["-m", "pip", "install", "--quiet", "-r", `${directory}requirements.txt`]);
}

function attempt(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    return true;
  } catch (error) {
    process.stderr.write(`${program} ${args.join(" ")}: ${(error as Error).message}\n`);
    return false;
  }
}
