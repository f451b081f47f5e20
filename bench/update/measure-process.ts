import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process took from its start to its end. */
export interface ProcessUse {
  readonly wallMs: number;
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** The most that it held of memory that is no file's, in bytes, as it was looked at every so often. */
  readonly peakBytes: number;
}

export interface EndedProcess {
  readonly use: ProcessUse;
  /** The last line that it printed. */
  readonly lastLine: string;
  readonly signal: NodeJS.Signals | null;
}

const lookMs = 10;
/** What Linux counts processor time in for programs, whatever it counts in itself. */
const tickMs = 10;

/** Runs a program and nothing beside it. Where it fails, what it said is the error. */
export async function measureProcess(command: readonly [string, ...string[]]): Promise<EndedProcess> {
  const [program, ...args] = command;
  const cpuBefore = childrenCpuMs();
  const began = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let complaints = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  let peakBytes = 0;
  const looks = setInterval(() => {
    peakBytes = Math.max(peakBytes, rssAnonOf(child.pid!));
  }, lookMs);
  const ended = await new Promise<{ code: number | null; signal: NodeJS.Signals | null; wallMs: number }>(
    (resolve, reject) => {
      let wallMs = 0;
      child.on("error", reject);
      child.on("exit", () => {
        wallMs = performance.now() - began;
      });
      child.on("close", (code, signal) => resolve({ code, signal, wallMs }));
    },
  ).finally(() => clearInterval(looks));
  const { code, signal, wallMs } = ended;
  if (code !== 0 && signal !== "SIGKILL")
    throw new Error(`${command.join(" ")} ended with ${code ?? signal}\n${complaints}`);
  const lastLine = output.trimEnd().split("\n").at(-1)!;
  const cpuMs = childrenCpuMs() - cpuBefore;
  return { use: { wallMs, cpuMs, peakBytes }, lastLine, signal };
}

/** Of a process and all its threads so far. */
export function cpuMsOf(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Of the children of this process that have ended. */
function childrenCpuMs(): number {
  const fields = statFields("self");
  return (Number(fields[13]) + Number(fields[14])) * tickMs;
}

/** Those after the name of the program, which may hold anything. */
function statFields(pid: number | "self"): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
}

/** Zero once it has ended. */
function rssAnonOf(pid: number): number {
  try {
    const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
