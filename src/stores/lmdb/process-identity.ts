import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells one process from every other, now and after its number was given to another. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it began, in the system's own words; null where that cannot be told. */
  readonly start: string | null;
  /** Changes when the machine starts; null where there is none. */
  readonly boot: string | null;
  /** Within which process numbers mean something; null where there is only one. */
  readonly namespace: string | null;
}

export type Verdict = "alive" | "dead" | "unknown";

let own: ProcessIdentity | undefined;

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    host: hostname(),
    start: readStart(process.pid),
    boot: readBootId(),
    namespace: readNamespace(),
  };
  return own;
}

/** Whether the process of this identity lives, as far as can be told from here. */
export function judge(holder: ProcessIdentity, self: ProcessIdentity = ownIdentity()): Verdict {
  const sameMachine = holder.boot !== null && holder.boot === self.boot;
  if (!sameMachine && holder.host !== self.host) return "unknown";
  // The same machine, started anew.
  if (holder.boot !== self.boot) return holder.boot !== null && self.boot !== null ? "dead" : "unknown";
  if (holder.namespace !== self.namespace) return "unknown";
  if (!processExists(holder.pid)) return "dead";
  const start = readStart(holder.pid);
  if (holder.start === null || start === null) return processExists(holder.pid) ? "alive" : "dead";
  return start === holder.start ? "alive" : "dead";
}

/** Linux only: changes with every start of the machine. */
export function readBootId(): string | null {
  return readLine("/proc/sys/kernel/random/boot_id");
}

function readNamespace(): string | null {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null;
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // It exists and belongs to another user.
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readStart(pid: number): string | null {
  if (process.platform === "linux") return parseStart(readLine(`/proc/${pid}/stat`));
  if (process.platform === "win32") return null;
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}

/** Field 22 of `/proc/<pid>/stat`. Field 2, the name, may hold blanks and parentheses: count from the last one. */
export function parseStart(stat: string | null): string | null {
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A process that has ended and was not yet waited for lives no more.
  if (fields[0] === "Z" || fields[0] === "X") return "ended";
  return fields[19] ?? null;
}

function readLine(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
