import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLmdbStore } from "../../../src/stores/lmdb/index.ts";
import type { Case } from "../case.ts";
import type { StepEnd } from "../oracle/oracle.ts";
import type { Failure } from "../run-case.ts";
import { type BackendChange, Backends } from "../world/backends.ts";
import type { World } from "../world/process.ts";
import { VirtualClock } from "../world/virtual-clock.ts";

/** What a history keeps beside its world: how each step ended, and what is wrong. */
export interface Progress {
  /** Of the steps that came to an end, by index; a step that was killed has none. */
  readonly ends: readonly (StepEnd | null)[];
  readonly known: readonly string[];
  readonly failure: Failure | null;
}

/** A history in a directory, so that a process can go on where another one was killed. */
export class KeptWorld {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  writeCase(simulated: Case): void {
    this.#write("case.json", simulated);
    this.writeProgress({ ends: [], known: [], failure: null });
  }

  readCase(): Case {
    return this.#read("case.json") as Case;
  }

  writeProgress(progress: Progress): void {
    this.#write("progress.json", progress);
  }

  readProgress(): Progress {
    return this.#read("progress.json") as Progress;
  }

  /** The world as the processes before have left it; `end` kills this one. */
  open(simulated: Case, end: () => void): World {
    const directory = join(this.#directory, "store");
    const clock = new VirtualClock();
    return {
      simulated,
      clock,
      backends: this.#openBackends(),
      async openStore() {
        const store = await openLmdbStore({ directory, clock });
        return { store, end, close: () => store.close() };
      },
    };
  }

  /** Every change is a line, written before the target answers. */
  #openBackends(): Backends {
    const file = join(this.#directory, "backends.jsonl");
    const kept = existsSync(file) ? readFileSync(file, "utf8").trimEnd() : "";
    let loading = true;
    const backends = new Backends((change) => {
      if (!loading) appendFileSync(file, `${JSON.stringify(change)}\n`);
    });
    for (const line of kept === "" ? [] : kept.split("\n")) backends.apply(JSON.parse(line) as BackendChange);
    loading = false;
    return backends;
  }

  #write(name: string, data: unknown): void {
    const file = join(this.#directory, name);
    writeFileSync(`${file}.new`, JSON.stringify(data));
    renameSync(`${file}.new`, file);
  }

  #read(name: string): unknown {
    return JSON.parse(readFileSync(join(this.#directory, name), "utf8"));
  }
}
