import { setMaxListeners } from "node:events";
import type { Report } from "../contracts/events.ts";
import type { Inputs, Transformation } from "../contracts/function.ts";
import { PreparedUses, runTransform } from "../engine/index.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import type { TransformDefinition, TransformInput } from "../flow/index.ts";
import { abortable } from "../kernel/abortable.ts";
import { type PlannedTransform, planTransform } from "../plan/index.ts";
import { appDirectoryOf } from "./app-directory.ts";
import { callPolicies } from "./call-policies.ts";
import { codeDigest } from "./code-digest.ts";
import type { Flow } from "./flow.ts";
import { definedFlows } from "./flow-registry.ts";
import { interruptible } from "./interruptible.ts";
import { RecentResults } from "./recent-results.ts";
import { type Settings, settingsFor } from "./settings.ts";
import { StoredMemos } from "./stored-memos.ts";
import { type TransformRow, transformRows } from "./transform-rows.ts";

/** Options of an evaluation of a transform flow. */
export interface EvalOptions {
  /** Stops it. */
  readonly signal?: AbortSignal;
  /** Told what happens as it happens: calls, results that were remembered, retries, what functions have to say. */
  readonly report?: Report;
  /**
   * Whose stored results are used, where several flows take the transform flow in: default the first that this process
   * has defined.
   */
  readonly flow?: Flow;
}

/** A defined transform flow: what `defineTransformFlow` returns. `T` is the value that it yields. */
export class TransformFlow<const I extends Inputs, out T> implements Transformation<I, T> {
  readonly kind = "transform-flow";
  declare readonly "~result"?: T;
  readonly name: string;
  readonly input: I;
  /** What flows take in. */
  readonly definition: TransformDefinition;
  readonly #plans = new Map<string, PlannedTransform>();
  readonly #rows: (input: unknown) => TransformRow | null;
  readonly #prepared = new PreparedUses();
  readonly #recent = new RecentResults();

  /** Use `defineTransformFlow`. */
  constructor(definition: TransformDefinition) {
    this.name = definition.name;
    this.input = definition.inputs as I;
    this.definition = definition;
    this.#rows = transformRows(definition);
    // So that a mistake is an error of the definition.
    this.#planFor(definition.name);
  }

  /**
   * Yields the value for one input, with the batching, limits and retries of the functions that are called. Of cached
   * functions, results that the flow's updates have stored are used; new ones are kept in the memory of this process,
   * the latest thousand, and not stored. A null for an input that is not nullable yields null without a call.
   *
   * @example
   * const vector = await textToEmbedding.eval("how are rows deleted?");
   *
   * @throws SluiceError `argument-invalid`, `interrupted`, and what fails rows of flows, such as `function-failed`
   */
  async eval(input: TransformInput<I>, options: EvalOptions = {}): Promise<T> {
    const [result] = await this.evalMany([input], options);
    return result as T;
  }

  /**
   * The same for many inputs, side by side, so that batched functions get them together. Resolves to the values in the
   * order of the inputs; rejects with the first failure, which stops the rest.
   *
   * @throws SluiceError as `eval` does
   */
  async evalMany(inputs: readonly TransformInput<I>[], options: EvalOptions = {}): Promise<T[]> {
    const rows = inputs.map((input) => this.#rows(input));
    const present = rows.filter((row) => row !== null);
    const results = present.length === 0 ? [] : await this.#run(present, options);
    let next = 0;
    return rows.map((row) => (row === null ? null : results[next++])) as T[];
  }

  async #run(rows: readonly TransformRow[], options: EvalOptions): Promise<unknown[]> {
    const { report = () => {} } = options;
    const flow = this.#flowOf(options);
    const settings = flow?.settings ?? settingsFor(appDirectoryOf(this.definition.callSite));
    const about = `transform flow ${this.name}`;
    const stored = new StoredMemos(settings, (why) =>
      report({ kind: "notice", about, message: `stored results are not used: ${why}` }),
    );
    const stop = interruptible(options.signal);
    const failed = new AbortController();
    const signal = AbortSignal.any([stop.signal, failed.signal]);
    setMaxListeners(0, signal);
    try {
      const running = runTransform({ ...this.#parts(flow, settings, stored), report, signal }, rows);
      return await abortable(running, stop.signal);
    } catch (thrown) {
      throw toSluiceError(thrown, "function-failed", { where: { transformFlow: this.name } });
    } finally {
      failed.abort(new SluiceError("interrupted", "another input failed"));
      stop.forget();
      await stored.close();
    }
  }

  #parts(flow: Flow | null, { clock, random }: Settings, stored: StoredMemos) {
    const recent = this.#recent;
    return {
      transform: this.#planFor(flow?.name ?? this.name),
      readMemo: async (memo: Parameters<StoredMemos["get"]>[0]) => recent.get(memo) ?? stored.get(memo),
      keepMemo: (memo: Parameters<RecentResults["keep"]>[0]) => recent.keep(memo),
      prepared: this.#prepared,
      policies: callPolicies(clock),
      clock,
      random,
    };
  }

  /** Whose memos are read: results are filed by flow. */
  #flowOf({ flow }: EvalOptions): Flow | null {
    const takesIn = (one: Flow) => one.plan.transformFlows.includes(this.definition);
    if (flow === undefined) return definedFlows().find(takesIn) ?? null;
    if (takesIn(flow)) return flow;
    throw new SluiceError(
      "option-invalid",
      `flow ${flow.name} does not take in transform flow ${this.name}`,
      {
        where: { transformFlow: this.name },
        hint: "Leave the option flow out, or name a flow that calls transform with it.",
      },
    );
  }

  #planFor(flow: string): PlannedTransform {
    const plan = this.#plans.get(flow) ?? planTransform(this.definition, flow, codeDigest);
    this.#plans.set(flow, plan);
    return plan;
  }
}
