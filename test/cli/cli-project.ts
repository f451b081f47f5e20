import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const main = join(repository, "dist/cli/main.js");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running. */
export interface Running {
  readonly finished: Promise<Finished>;
  /** Resolves when so much has been printed; rejects where the command ends without. */
  printed(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads from standard input; by default there is none. */
  readonly input?: string;
}

/** A user's project with Sluice and a flow file, `flows.ts`, that writes `data/*` to `out/*.html`. */
export interface CliProject extends TemporaryTree {
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  start(args: readonly string[], options?: RunOptions): Running;
  read(path: string): string;
  list(directory: string): string[];
  remove(path: string): void;
}

export function openCliProject(files: Readonly<Record<string, string>> = {}): CliProject {
  if (!existsSync(main)) throw new Error("these tests run the built command line: npm run build first");
  const tree = makeTemporaryTree({ "package.json": '{ "name": "user", "type": "module" }' });
  cpSync(join(repository, "test/fixtures/cli"), tree.path, { recursive: true });
  mkdirSync(tree.at("node_modules"));
  symlinkSync(repository, tree.at("node_modules/sluice"), "dir");
  symlinkSync(join(repository, "node_modules/zod"), tree.at("node_modules/zod"), "dir");
  for (const [path, content] of Object.entries(files)) tree.write(path, content);
  const start = (args: readonly string[], options: RunOptions = {}) => startCli(tree.path, args, options);
  return {
    ...tree,
    write: (path, content) => writeWhole(tree, path, content),
    start,
    run: (args, options) => start(args, options).finished,
    read: (path) => readFileSync(tree.at(path), "utf8"),
    list: (directory) => readdirSync(tree.at(directory)).sort(),
    remove: (path) => rmSync(tree.at(path), { recursive: true }),
  };
}

/** So that a command which looks at that moment sees the file before or after, never half of it. */
function writeWhole(tree: TemporaryTree, path: string, content?: string | Uint8Array): void {
  tree.write(".draft", content);
  mkdirSync(dirname(tree.at(path)), { recursive: true });
  renameSync(tree.at(".draft"), tree.at(path));
}

function startCli(directory: string, args: readonly string[], { env, cwd, input }: RunOptions): Running {
  // Node 20 takes --env-file for an option of its own, wherever it stands, unless `--` comes first.
  const child = spawn(process.execPath, ["--", main, ...args], {
    cwd: cwd ?? directory,
    env: { ...plainEnvironment(), ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      child.emit("printed");
    });
  }
  const finished = new Promise<Finished>((done) => {
    child.on("close", (code) => done({ code, ...output }));
  });
  return {
    finished,
    printed: (text) => waitForText(child, () => output.stdout + output.stderr, text),
    kill: (signal) => void child.kill(signal),
  };
}

function waitForText(child: ChildProcess, printed: () => string, text: string): Promise<void> {
  return new Promise((done, failed) => {
    const look = () => {
      if (!printed().includes(text)) return;
      child.off("printed", look).off("close", ended);
      done();
    };
    const ended = () => failed(new Error(`it ended without printing ${text}:\n${printed()}`));
    child.on("printed", look).on("close", ended);
    look();
  });
}

/** What the test runner and its caller set must not reach the commands under test. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "SystemRoot"];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.includes(name)));
}
