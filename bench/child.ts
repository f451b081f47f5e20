import { type ChildProcess, fork } from "node:child_process";

/** What a child process answers, by the name of the question. */
export type Answers = Readonly<Record<string, (given: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly given: unknown;
}

type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string };

/** In a child process: answers what the parent asks, and ends with it. */
export function answer(answers: Answers): void {
  process.on("disconnect", () => process.exit());
  process.on("message", async ({ id, name, given }: Question) => {
    try {
      process.send!({ id, answer: await answers[name]!(given as never) } satisfies Reply);
    } catch (thrown) {
      process.send!({
        id,
        error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
      });
    }
  });
}

export interface ChildOptions {
  /** The one argument of the child, read with `givenArgument`. */
  readonly argument: unknown;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** A process of its own that is asked one thing or another. */
export class Child<A extends Answers> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #asked = 0;
  #isOver = false;

  /** `module` is one that calls `answer`. */
  constructor(module: URL, { argument, nodeOptions = [] }: ChildOptions) {
    this.#process = fork(module, [JSON.stringify(argument)], {
      execArgv: [...nodeOptions],
      serialization: "advanced",
    });
    this.#process.on("message", (reply: Reply) => this.#hear(reply));
    this.#ended = new Promise((resolve) => {
      this.#process.on("exit", (code, signal) => {
        this.#isOver = true;
        const error = new Error(`${module.pathname} ended with ${code ?? signal}`);
        for (const { reject } of this.#waiting.values()) reject(error);
        resolve();
      });
    });
  }

  ask<N extends keyof A & string>(name: N, ...given: Parameters<A[N]>): Promise<Awaited<ReturnType<A[N]>>> {
    if (this.#isOver) return Promise.reject(new Error(`nobody is there to be asked for ${name}`));
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.#process.send({ id, name, given: given[0] } satisfies Question);
    });
  }

  /** Lets it go, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
  }

  #hear(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.answer);
  }
}

/** In a child process: what the parent gave it. */
export function givenArgument<T>(): T {
  return JSON.parse(process.argv[2]!) as T;
}
