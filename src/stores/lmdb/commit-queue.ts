import { type Deferred, deferred } from "../../kernel/deferred.ts";
import type { Tree } from "./tree.ts";

interface Waiting {
  readonly step: () => unknown;
  readonly done: Deferred<unknown>;
  /** Called with the step's result when it is durable. */
  readonly landed: (result: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * Lands steps in the order in which they came. Those of one turn of the event loop share a transaction, so
 * that writers who do not wait for each other share the wait for the disk.
 */
export class CommitQueue {
  readonly #tree: Tree;
  readonly #gaveUp: () => void;
  #waiting: Waiting[] = [];
  #planned: NodeJS.Immediate | null = null;

  /** `gaveUp` is called whenever a transaction was given up, with all that its steps had changed. */
  constructor(tree: Tree, gaveUp: () => void) {
    this.#tree = tree;
    this.#gaveUp = gaveUp;
  }

  /** Resolves to what the step returned once that is durable. A step that throws before its first change fails alone. */
  add<T>(step: () => T, landed: (result: T) => void = () => {}): Promise<T> {
    const done = deferred<T>();
    this.#waiting.push({ step, done, landed } as unknown as Waiting);
    this.#planned ??= setImmediate(() => this.flush());
    return done.promise;
  }

  /** Lands what waits now. */
  flush(): void {
    if (this.#planned) clearImmediate(this.#planned);
    this.#planned = null;
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) this.#land(batch);
  }

  #land(batch: readonly Waiting[]): void {
    let outcomes: readonly Outcome[];
    try {
      outcomes = this.#tree.transact(() => batch.map(({ step }) => this.#try(step)));
    } catch (error) {
      this.#gaveUp();
      if (batch.length === 1) batch[0]!.done.reject(error);
      // Nothing of it landed: each alone, so that a step answers only for itself.
      else for (const one of batch) this.#land([one]);
      return;
    }
    for (const [i, outcome] of outcomes.entries()) {
      const { done, landed } = batch[i]!;
      if ("error" in outcome) {
        done.reject(outcome.error);
      } else {
        landed(outcome.value);
        done.resolve(outcome.value);
      }
    }
  }

  #try(step: () => unknown): Outcome {
    const before = this.#tree.changes;
    try {
      return { value: step() };
    } catch (error) {
      if (this.#tree.changes !== before) throw error;
      return { error };
    }
  }
}
