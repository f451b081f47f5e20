import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** What is compiled finds the headers of this very Node, where they are beside it, rather than fetching them. */
function nativeBuilds(): Readonly<Record<string, string>> {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include/node/node.h")) ? { npm_config_nodedir: prefix } : {};
}

function attempt(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...nativeBuilds() },
    });
    return true;
  } catch (error) {
    process.stderr.write(`${program} ${args.join(" ")}: ${(error as Error).message}\n`);
    return false;
  }
}
