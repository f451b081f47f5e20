import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { SluiceError } from "../../errors/index.ts";

/** Who has a directory, as its lock file says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's own words: numbers of processes are given again. Null: cannot be told. */
  readonly start: string | null;
  /** Changes when the machine starts; null where it cannot be told. */
  readonly boot: string | null;
  /** When it took the directory, ISO text. */
  readonly since: string;
  readonly id: string;
}

/**
 * Takes a directory for this process: PGlite itself would let two processes write to one and spoil it. The lock of a
 * process that is dead is taken over. The file lies beside the directory, with `.lock` to its name.
 *
 * @throws SluiceError `target-unavailable`, which says who has it
 */
export function lockDirectory(directory: string): { release(): void } {
  const path = `${directory}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    start: startOf(process.pid),
    boot: readLine("/proc/sys/kernel/random/boot_id"),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  // Taking over the lock of a dead process may come to nothing because another was faster.
  for (let attempt = 0; attempt < 10; attempt++) {
    if (putInPlace(path, own)) return { release: () => release(path, own) };
    const holder = readHolder(path);
    if (holder === null) continue;
    if (mayLive(holder, own)) throw held(directory, path, holder);
    takeAway(path, holder);
  }
  throw held(directory, path, readHolder(path));
}

/** Whole or not at all: whoever reads the file finds everything in it. */
function putInPlace(path: string, own: Holder): boolean {
  const draft = `${path}.${own.id}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    linkSync(draft, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves the lock of a dead process out of the way; one that another process has put there meanwhile goes back. */
function takeAway(path: string, dead: Holder): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readHolder(aside)?.id !== dead.id) {
    try {
      linkSync(aside, path);
    } catch {
      // Yet another one has it now.
    }
  }
  rmSync(aside, { force: true });
}

function release(path: string, own: Holder): void {
  if (readHolder(path)?.id === own.id) rmSync(path, { force: true });
}

/** Null where there is no lock. One that cannot be read was not written by this code: nobody lives by it. */
function readHolder(path: string): Holder | null {
  const text = readLine(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { pid: 0, host: hostname(), start: null, boot: "none", since: "", id: "" };
  }
}

function mayLive(holder: Holder, own: Holder): boolean {
  if (holder.boot !== own.boot) return holder.host !== own.host;
  if (!exists(holder.pid)) return false;
  const start = startOf(holder.pid);
  return holder.start === null || start === null || start === holder.start;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // It exists and belongs to another user.
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Field 22 of `/proc/<pid>/stat`, counted from the parenthesis that ends the name; Linux only. */
function startOf(pid: number): string | null {
  const stat = readLine(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A process that has ended and was not yet waited for lives no more.
  return fields[0] === "Z" || fields[0] === "X" ? "ended" : (fields[19] ?? null);
}

function readLine(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

function held(directory: string, path: string, holder: Holder | null): SluiceError {
  const who =
    holder === null ? "another process" : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  return new SluiceError("target-unavailable", `the PGlite directory ${directory} is open in ${who}`, {
    hint: `One process can have it at a time: end the other one. Remove ${path} only if no such process exists.`,
  });
}
