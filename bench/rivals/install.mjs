import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Installs what the rivals need, each from its own lock file, and prints as its last line which can be run here: their
 * names, the commands that a task is appended to, and what they want in a task beyond what every contender has.
 */
const here = import.meta.dirname;
const environment = join(here, "..", "dist", "rivals", "venv");

const script = (name, ...options) => [process.execPath, ...options, join(here, name)];
const node = [
  { name: "langchain-full", command: script("langchain.mjs"), task: { cleanup: "full" } },
  { name: "langchain-incremental", command: script("langchain.mjs"), task: { cleanup: "incremental" } },
  { name: "llamaindex", command: script("llamaindex.mjs", "--max-old-space-size=12288"), task: {} },
];
const python = [
  {
    name: "cocoindex",
    command: [join(environment, "bin", "python"), join(here, "cocoindex", "main.py")],
    task: {},
  },
];
const ready = [...(installPackages() ? node : []), ...(installEnvironment() ? python : [])];
process.stdout.write(`${JSON.stringify(ready)}\n`);

function installPackages() {
  return isInstalled() || run("npm", ["ci", "--prefix", here], withHeaders());
}

/** npm notes what it installed, after it did. */
function isInstalled() {
  const installed = statSync(join(here, "node_modules", ".package-lock.json"), { throwIfNoEntry: false });
  return installed !== undefined && installed.mtimeMs > statSync(join(here, "package-lock.json")).mtimeMs;
}

/** better-sqlite3 is compiled where no binary of it can be had: with the headers of this Node, where they lie by it. */
function withHeaders() {
  const prefix = dirname(dirname(process.execPath));
  const lies = existsSync(join(prefix, "include", "node", "node.h"));
  return lies ? { npm_config_nodedir: prefix, ...process.env } : process.env;
}

function installEnvironment() {
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  return (
    run("python3", ["-m", "venv", environment]) &&
    run(join(environment, "bin", "python"), [...pip, "-r", join(here, "cocoindex", "requirements.txt")])
  );
}

/** What fails says why on stderr; its rivals are then left out. */
function run(program, args, env = process.env) {
  const { status, error } = spawnSync(program, args, { env, stdio: ["ignore", process.stderr, "inherit"] });
  if (error !== undefined) process.stderr.write(`${error.message}\n`);
  return status === 0;
}
