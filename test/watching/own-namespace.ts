import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import type { WatchLine, WatchTime } from "./watch-child.ts";

const program = fileURLToPath(new URL("./watch-child.ts", import.meta.url));
const unshare = ["unshare", "--user", "--map-root-user", "--mount"] as const;

/** Whether a process may have limits and mounts of its own here. */
export const canHaveNamespace: boolean = (() => {
  try {
    runUnshared("echo 10 > /proc/sys/user/max_inotify_watches && mount -t tmpfs none /mnt");
    return true;
  } catch {
    return false;
  }
})();

function runUnshared(command: string): void {
  execFileSync(unshare[0], [...unshare.slice(1), "sh", "-c", command], { stdio: "ignore" });
}

/** A watch in a process with limits and mounts of its own. */
export class WatchChild {
  readonly #child: ChildProcess;
  readonly #lines: WatchLine[] = [];
  /** The kinds of all that was said, in order. */
  readonly kinds: string[] = [];
  #errors = "";

  /** Runs a command of the shell first, then watches the directory. */
  constructor(directory: string, before: string, time: WatchTime = "leaping") {
    const node = [process.execPath, "--import", import.meta.resolve("tsx"), program, directory, time];
    const quoted = node.map((word) => `'${word}'`).join(" ");
    const child = spawn(unshare[0], [...unshare.slice(1), "sh", "-c", `${before} && exec ${quoted}`]);
    this.#child = child;
    child.stderr.on("data", (data) => {
      this.#errors += data;
    });
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as WatchLine;
      this.kinds.push(line.kind);
      this.#lines.push(line);
    });
    onTestFinished(() => this.end());
  }

  /** Runs a command of the shell in the process that watches. */
  async run(command: string): Promise<void> {
    this.#child.stdin!.write(`${command}\n`);
    await this.next("ran");
  }

  /** Takes the next line of that kind out, and waits for it. */
  async next<K extends WatchLine["kind"]>(
    kind: K,
    fits: (line: Extract<WatchLine, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<WatchLine, { kind: K }>> {
    type Line = Extract<WatchLine, { kind: K }>;
    const giveUpAt = performance.now() + 60_000;
    for (;;) {
      const at = this.#lines.findIndex((line) => line.kind === kind && fits(line as Line));
      if (at >= 0) return this.#lines.splice(at, 1)[0] as Line;
      if (performance.now() > giveUpAt || this.#child.exitCode !== null)
        expect.fail(`not said: ${kind}; but ${JSON.stringify(this.#lines)} ${this.#errors}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The names told until now, taken out. */
  takeTold(): string[] {
    const told = this.#lines.filter((line) => line.kind === "told").map(({ filename }) => filename);
    const others = this.#lines.filter((line) => line.kind !== "told");
    this.#lines.splice(0, this.#lines.length, ...others);
    return told;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin!.end("end\n");
    await exited;
  }
}
