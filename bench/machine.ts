import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";

/** What figures were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Of the directory that was worked in. */
  readonly fileSystem: string;
  /** Processes that wanted a core in the minute before: next to none but the build. */
  readonly loadBefore: number;
  /** The commit that was measured, with a plus where it was not all; null outside a repository. */
  readonly commit: string | null;
  readonly date: string;
}

export function describeMachine(directory: string): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    fileSystem: fileSystemOf(directory),
    loadBefore: loadavg()[0]!,
    commit: currentCommit(),
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
  };
}

/** The magic numbers that Linux gives out. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: "ext4",
  16914836: "tmpfs",
  1481003842: "xfs",
  2435016766: "btrfs",
  2035054128: "overlayfs",
  801189825: "zfs",
};

function fileSystemOf(directory: string): string {
  const { type: magic } = statfsSync(directory);
  return fileSystems[magic] ?? `0x${magic.toString(16)}`;
}

function currentCommit(): string | null {
  try {
    const commit = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain", "--", "src") === "" ? commit : `${commit}+`;
  } catch {
    return null;
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
