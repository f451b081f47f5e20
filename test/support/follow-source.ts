import { expect, onTestFinished } from "vitest";
import type { ChangeEvent, SourceUse, SourceValue } from "../../src/contracts/source.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { sourceContext } from "./source-context.ts";

export interface FollowOptions<V> {
  readonly appDirectory: string;
  readonly clock?: Clock;
  /** Called with each change as it comes; the next ones wait for it. */
  onChange?(change: ChangeEvent<{ filename: string }, V>): void | Promise<void>;
}

/** A source of files that is watched, and what its watch has said. */
export class FollowedSource<V> {
  /** The names told, in order, each as often as it was. */
  readonly told: string[] = [];
  readonly missed: (string | null)[] = [];
  /** The same, but for what only listings may have seen while directories came and went. */
  get missedByWatch(): readonly (string | null)[] {
    return this.missed.filter((reason) => reason !== "directories came or went while they were listed");
  }
  readonly degraded: unknown[] = [];
  signsOfLife = 0;
  armed = 0;
  /** What it ended with: undefined where it did so quietly, null while it goes on. */
  end: { readonly error: unknown } | null = null;
  readonly #definition: SourceUse<unknown>["definition"];
  readonly #connection: unknown;
  readonly #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(definition: SourceUse<unknown>["definition"], connection: unknown) {
    this.#definition = definition;
    this.#connection = connection;
  }

  /** Opens a source and its watch the way that the engine does. It is armed when the promise resolves. */
  static async open<V>(use: SourceUse<unknown>, options: FollowOptions<V>): Promise<FollowedSource<V>> {
    const { appDirectory, clock = systemClock } = options;
    const connection = await use.definition.create(use.spec, sourceContext(appDirectory, clock));
    const source = new FollowedSource<V>(use.definition, connection);
    onTestFinished(async () => {
      await source.stop();
      await use.definition.close(connection);
    });
    source.#watching = source.#watch(options);
    await source.until("it is armed", () => source.armed > 0 || source.end !== null);
    return source;
  }

  async get(filename: string): Promise<SourceValue<V> | null> {
    const options = { signal: this.#stop.signal };
    return (await this.#definition.getValue(
      this.#connection,
      { filename },
      options,
    )) as SourceValue<V> | null;
  }

  async list(): Promise<string[]> {
    const names: string[] = [];
    const incomplete = (reason: unknown) => {
      throw reason;
    };
    for await (const page of this.#definition.list(this.#connection, {
      signal: this.#stop.signal,
      incomplete,
    }))
      for (const { key } of page) names.push((key as { filename: string }).filename);
    return names;
  }

  /** Waits until all of these were told since this call, and returns what was, without repetitions, in order. */
  async tells(...names: readonly string[]): Promise<string[]> {
    await this.until(`${names.join(", ")} is told`, () => names.every((name) => this.told.includes(name)));
    return [...new Set(this.told.splice(0))].sort();
  }

  /** Waits, by a clock that leaps, until all that has been hinted at is told. */
  async settles(): Promise<void> {
    const enough = this.signsOfLife + 2;
    await this.until("it has settled", () => this.signsOfLife >= enough);
  }

  async until(
    what: string,
    condition: () => boolean | Promise<boolean>,
    describe = () => `told ${this.told.slice(0, 50)}; missed ${this.missed.slice(0, 10)}`,
  ): Promise<void> {
    const giveUpAt = performance.now() + 30_000;
    while (!(await condition())) {
      if (this.end?.error !== undefined && this.armed === 0) throw this.end.error;
      if (performance.now() > giveUpAt) expect.fail(`not so in time: ${what}; ${describe()}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(options: FollowOptions<V>): Promise<void> {
    try {
      const changes = this.#definition.watch!(this.#connection, {
        signal: this.#stop.signal,
        armed: () => void this.armed++,
        alive: () => void this.signsOfLife++,
        missed: (reason) => void this.missed.push(reason),
        degraded: (reason) => void this.degraded.push(reason),
      });
      for await (const page of changes)
        for (const change of page as readonly ChangeEvent<{ filename: string }, V>[]) {
          await options.onChange?.(change);
          this.told.push(change.key.filename);
        }
      this.end = { error: undefined };
    } catch (error) {
      this.end = { error };
    }
  }
}
