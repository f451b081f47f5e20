import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { ownDirectory } from "../app/own-directory.ts";
import type { StoreConformanceOptions } from "./store-conformance-options.ts";

/** What a child process is asked to do with the store of a directory. */
export type StoreChildTask =
  /** Do the operations of a seed from `from` on, and print the index of each that was acknowledged. */
  | { readonly kind: "work"; readonly directory: string; readonly seed: number; readonly from: number }
  /** Take the lease of a flow and keep it. */
  | { readonly kind: "hold"; readonly directory: string; readonly flow: string }
  /** Damage copies of a store in ways that follow from a seed, and say what opening and reading each gives. */
  | {
      readonly kind: "damage";
      readonly directory: string;
      readonly dataFile: string;
      readonly scratch: string;
      readonly seed: number;
      readonly way: "flip" | "truncate";
      readonly count: number;
      /** What a whole store gives, as JSON. */
      readonly expected: string;
    };

export interface StoreChildInput {
  readonly module: string;
  readonly name: string;
  readonly task: StoreChildTask;
}

/** A child process at work on a store, line by line. */
export class StoreChild {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  #errors = "";
  #rest = "";
  #onChange: () => void = () => {};

  constructor(child: NonNullable<StoreConformanceOptions["child"]>, task: StoreChildTask) {
    // In the form in which this module is: TypeScript from source, JavaScript from the package.
    const script = join(ownDirectory(), "testing", `store-child${extname(import.meta.url)}`);
    const typescript = [script, child.module].some((file) => file.endsWith(".ts"));
    const input: StoreChildInput = { ...child, task };
    const flags = typescript ? ["--import", "tsx"] : [];
    this.#process = spawn(process.execPath, [...flags, script], { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stdin!.end(JSON.stringify(input));
    this.#process.once("close", () => this.#onChange());
    this.#process.stdout!.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Resolves when so many lines were printed; rejects when the process ends before. */
  async printed(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.#hasEnded()) throw this.#gone();
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  /** Kills the process at once and resolves when it is gone, with all that it printed. */
  async kill(): Promise<void> {
    if (this.#hasEnded()) return;
    const gone = once(this.#process, "close");
    this.#process.kill("SIGKILL");
    await gone;
  }

  /** Resolves when the process has ended by itself and well. */
  async ended(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, "close");
    if (this.#process.exitCode !== 0) throw this.#gone();
  }

  #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split("\n");
    this.#rest = parts.pop()!;
    this.lines.push(...parts);
    this.#onChange();
  }

  #gone(): Error {
    const how = this.#process.signalCode ?? `exit code ${this.#process.exitCode}`;
    return new Error(
      `the child process ended with ${how} after "${this.lines.at(-1) ?? ""}": ${this.#errors}`,
    );
  }
}
