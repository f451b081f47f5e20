import { spawn } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import MarkdownIt from "markdown-it";
import type { UpdateInfo } from "../../src/index.ts";
import { type Random, seededRandom } from "../../src/kernel/random.ts";
import { commandLine, ExampleProject } from "../support/example-project.ts";
import { byCommandLine, byLibrary, noWork, workOf } from "../support/run-example.ts";
import { editAtRandom, endingOf, pick, pickNumber, someText } from "./random-edits.ts";

const markdown = new MarkdownIt();
const preload = new URL("die-at-call.mjs", import.meta.url).href;

const commands = {
  setup: ["setup", "flows.ts", "--force"],
  update: ["update", "flows.ts", "--force", "--quiet"],
  approve: ["update", "flows.ts", "--force", "--quiet", "--allow-deletions"],
  drop: ["drop", "flows.ts", "--force"],
  evaluate: ["evaluate", "flows.ts", "--output-dir", "evaluated"],
} as const;

const verbs = ["update", "approve", "approve", "setup", "drop", "evaluate"] as const;

/** What came of a trial. */
export interface TrialResult {
  readonly seed: number;
  /** What was run, and how it ended. */
  readonly history: readonly string[];
  readonly kills: number;
  /** What was wrong afterwards; null: nothing. */
  readonly problem: string | null;
}

/**
 * One copy of the example whose commands are killed at random moments while its files change; then one clean
 * update, after which the target must be what a build from nothing makes and nothing may be left to do.
 */
export async function runCrashTrial(seed: number): Promise<TrialResult> {
  const random = seededRandom(seed);
  const project = new ExampleProject();
  const history: string[] = [];
  const countKills = () => history.filter((line) => line.endsWith("killed")).length;
  try {
    prepare(project, random);
    for (let left = pick(random, [1, 1, 2, 3]); left > 0; left--) {
      editAtRandom(project, random);
      history.push(await runAndKill(project, random));
    }
    if (random.next() < 0.5) editAtRandom(project, random);
    return { seed, history, kills: countKills(), problem: await findProblem(project) };
  } catch (error) {
    return { seed, history, kills: countKills(), problem: String(error) };
  } finally {
    project.dispose();
  }
}

function prepare(project: ExampleProject, random: Random): void {
  for (let i = 0; i < 60; i++)
    project.write(`data/${pick(random, ["", "a/", "a/b/"])}page-${i}.md`, someText(random));
  if (random.next() < 0.5)
    project.replace("flows.ts", 'name: "markdownToHtml",', 'name: "markdownToHtml", cache: true,');
}

/** How long commands took that were left alone, so that a kill falls into their work. */
const tookMs = new Map<string, number>();

async function runAndKill(project: ExampleProject, random: Random): Promise<string> {
  const verb = pick(random, verbs);
  const share = 0.3 + 0.8 * random.next();
  const dieAtCall =
    random.next() < 0.5 ? `${1 + pickNumber(random, 200)} ${pick(random, ["before", "after"])}` : "";
  const killAfterMs = dieAtCall === "" ? share * (tookMs.get(verb) ?? 500) : null;
  const began = performance.now();
  const ended = await runCommand(project, commands[verb], { dieAtCall, killAfterMs });
  if (ended === "exit code 0") tookMs.set(verb, performance.now() - began);
  const isHeld = verb === "update" && ended.startsWith("exit code 4");
  if (ended !== "killed" && ended !== "exit code 0" && !isHeld)
    throw new Error(`${verb} ended with ${ended}`);
  const moment = killAfterMs === null ? `call ${dieAtCall}` : `${Math.round(killAfterMs)} ms`;
  return `${verb}, ${moment}: ${ended}`;
}

interface Death {
  readonly dieAtCall: string;
  readonly killAfterMs: number | null;
}

function runCommand(project: ExampleProject, args: readonly string[], death: Death): Promise<string> {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...environment } = process.env;
  const child = spawn(process.execPath, ["--import", preload, commandLine, ...args], {
    cwd: project.directory,
    env: { ...environment, DIE_AT_CALL: death.dieAtCall },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const timer =
    death.killAfterMs === null ? null : setTimeout(() => child.kill("SIGKILL"), death.killAfterMs);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      if (timer) clearTimeout(timer);
      if (signal === "SIGKILL") resolve("killed");
      else resolve(code === 0 ? "exit code 0" : `exit code ${code}: ${said}`);
    });
  });
}

async function findProblem(project: ExampleProject): Promise<string | null> {
  const info = await byCommandLine.update(project, { allowDeletions: true });
  if (!info.ok) return `the clean update is not ok: ${describe(info)}`;
  const difference = compareWithRebuild(project);
  if (difference !== null) return difference;
  const further = workOf(await takeTurns(() => byLibrary.update(project)));
  return isDeepStrictEqual(further, noWork) ? null : `a further update did ${JSON.stringify(further)}`;
}

let turn: Promise<unknown> = Promise.resolve();

/** One flow of a name can be defined in a process at a time. */
function takeTurns<T>(work: () => Promise<T>): Promise<T> {
  const result = turn.then(work);
  turn = result.catch(() => {});
  return result;
}

function describe({ failures, incomplete }: UpdateInfo): string {
  return [...failures, ...incomplete].map(({ error }) => error.message).join("; ");
}

/** The pages that stand in the target against those that a build from nothing writes, folders included. */
function compareWithRebuild(project: ExampleProject): string | null {
  const ending = endingOf(project.read("flows.ts"));
  const documents = [...project.files("data")].filter(([name]) => name.endsWith(".md"));
  const wanted = new Map(documents.map(([name, text]) => [`${name}.html`, markdown.render(text) + ending]));
  const present = project.files("output_html");
  for (const [name, html] of wanted) {
    if (present.get(name) !== html)
      return `${name} is ${present.has(name) ? "not as it should be" : "missing"}`;
  }
  const extra = [...present.keys()].find((name) => !wanted.has(name));
  if (extra !== undefined) return `${extra} should not be there`;
  const empty = project.emptyFolders("output_html");
  return wanted.size > 0 && empty.length > 0 ? `${empty[0]} is empty` : null;
}

/** Runs so many trials, two at a time; their seeds follow one another. */
export async function runCrashTrials(seed: number, runs: number): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  let next = 0;
  const lane = async () => {
    while (next < runs) {
      results.push(await runCrashTrial((seed + next++) >>> 0));
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}

/** The seed that `SEED` gives, else a new one. */
export function seedOf(environment: NodeJS.ProcessEnv): number {
  const given = Number(environment.SEED);
  return environment.SEED && Number.isSafeInteger(given) ? given >>> 0 : Math.floor(Math.random() * 1e9);
}

/** A failed trial in words, with how to run it again. */
export function describeFailure({ seed, history, problem }: TrialResult): string {
  return [`SEED=${seed} RUNS=1: ${problem}`, ...history.map((line) => `  ${line}`)].join("\n");
}
