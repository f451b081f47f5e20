import { setMaxListeners } from "node:events";
import type { Terminal } from "./terminal.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Stops work on the first Ctrl-C or SIGTERM, and the process on the second. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    // Every flow that is at work waits on it.
    setMaxListeners(0, this.#controller.signal);
    for (const signal of signals) process.on(signal, this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    for (const signal of signals) process.off(signal, this.#interrupt);
  }

  readonly #interrupt = (): void => {
    if (this.signal.aborted) process.exit(130);
    this.#controller.abort();
    this.#terminal.tell("stopping: finishing what is half applied; press Ctrl-C again to stop at once");
  };
}
