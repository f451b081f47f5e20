import type { CallPolicies, CallPolicy, GovernedCall } from "../contracts/call-policy.ts";
import type { Report } from "../contracts/events.ts";
import type { CallUsage, FunctionContext, FunctionDefinition } from "../contracts/function.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { abortable } from "../kernel/abortable.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Receiver } from "../kernel/deferred.ts";
import { LentSignal } from "../kernel/lent-signal.ts";
import { chain, isPromise, type MaybePromise } from "../kernel/maybe-promise.ts";
import type { Random } from "../kernel/random.ts";
import { Semaphore } from "../kernel/semaphore.ts";
import type { CallStep, PlannedFunction } from "../plan/index.ts";
import { normalizer, schemaNeedsParse } from "../values/index.ts";
import { BatchQueue } from "./batch-queue.ts";
import { delayBefore } from "./call-delay.ts";
import type { Memos } from "./memos.ts";
import { type Prepared, PreparedUses } from "./prepared-uses.ts";
import { withRetry } from "./retry.ts";
import type { RowCalls } from "./row-calls.ts";

export interface FunctionCallsOptions {
  readonly functions: readonly PlannedFunction[];
  /** Null: nothing is remembered. */
  readonly memos: Memos | null;
  /** What makes the calls of functions that have limits. */
  readonly policies: CallPolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly report: Report;
  /** What was prepared before; by default nothing. */
  readonly prepared?: PreparedUses;
}

/** Calls the functions of a plan: prepares them once, checks what goes in and out, batches, remembers. */
export class FunctionCalls {
  readonly #byUse = new Map<unknown, CallableFunction>();

  constructor(options: FunctionCallsOptions) {
    const prepared = options.prepared ?? new PreparedUses();
    for (const [index, planned] of options.functions.entries())
      this.#byUse.set(planned.use, new CallableFunction(planned, index, { ...options, prepared }));
  }

  /** Calls for one row, which is told what came of it. */
  call(step: CallStep, args: Readonly<Record<string, unknown>>, row: RowCalls): MaybePromise<unknown> {
    return this.#byUse.get(step.use)!.call(args, row);
  }
}

type CallableOptions = FunctionCallsOptions & { readonly prepared: PreparedUses };

type Check = (value: unknown) => unknown;
type Used = (tokens: number) => void;
type Attempt = (signal: AbortSignal, used?: Used) => unknown;
type AsyncAttempt = (signal: AbortSignal, used?: Used) => Promise<unknown>;

const utf8 = new TextEncoder();

class CallableFunction {
  readonly #planned: PlannedFunction;
  readonly #index: number;
  readonly #options: CallableOptions;
  /** What the fingerprint of a call begins with. */
  readonly #memoSeed: Uint8Array;
  readonly #checkInput: Check;
  readonly #checkOutput: Check;
  readonly #batches: BatchQueue | null;
  readonly #slots: Semaphore | null;
  /** Null for a function without limits, whose calls take no promise of ours. */
  readonly #policy: CallPolicy | null;
  /** What was told already. */
  readonly #notices = new Set<string>();

  constructor(planned: PlannedFunction, index: number, options: CallableOptions) {
    const { definition } = planned.use;
    this.#planned = planned;
    this.#index = index;
    this.#options = options;
    this.#memoSeed = utf8.encode(planned.identity);
    this.#checkInput = inputCheck(planned);
    this.#checkOutput = outputCheck(planned);
    this.#slots = slotsOf(definition);
    this.#policy = definition.limits && options.policies.policyOf(definition, definition.limits);
    this.#batches = definition.batching
      ? new BatchQueue({
          name: definition.name,
          maxBatchSize: definition.batching.maxBatchSize,
          clock: options.clock,
          random: options.random,
          send: (inputs, urgent) => this.#runBatch(definition, inputs, urgent),
        })
      : null;
  }

  call(args: Readonly<Record<string, unknown>>, row: RowCalls): MaybePromise<unknown> {
    const input = this.#checkInput(args);
    const { memos } = this.#options;
    row.asked[this.#index]!++;
    if (memos === null || this.#planned.use.definition.cache !== true) return this.#compute(input, row);
    const { inputCodec, outputCodec, name } = this.#planned;
    const memo = inputCodec.digest(input, this.#memoSeed).fingerprint;
    row.memos.add(memo);
    return memos.remember(memo, {
      name,
      codec: outputCodec,
      compute: (result) => this.#computeFor(result, input, row),
    });
  }

  #computeFor(result: Receiver<unknown>, input: unknown, row: RowCalls): void {
    if (this.#batches !== null) {
      this.#computeInBatch(this.#batches, result, input, row);
      return;
    }
    try {
      const output = this.#compute(input, row);
      if (isPromise(output)) output.then(result.resolve, result.reject);
      else result.resolve(output);
    } catch (thrown) {
      result.reject(thrown);
    }
  }

  /** As `#compute` for a batched function, without a promise: a row may have thousands of such calls. */
  #computeInBatch(batches: BatchQueue, result: Receiver<unknown>, input: unknown, row: RowCalls): void {
    row.computed[this.#index]!++;
    const reject = (thrown: unknown) => {
      this.#reportFailure();
      result.reject(thrown);
    };
    const resolve = (output: unknown) => {
      let checked: unknown;
      try {
        checked = this.#checkOutput(output);
      } catch (thrown) {
        reject(thrown);
        return;
      }
      result.resolve(checked);
    };
    try {
      this.#options.signal.throwIfAborted();
      batches.addFor({ resolve, reject }, input, row.urgent);
    } catch (thrown) {
      reject(thrown);
    }
  }

  #compute(input: unknown, row: RowCalls): MaybePromise<unknown> {
    row.computed[this.#index]!++;
    try {
      const output = this.#checked(input, row.urgent);
      return isPromise(output) ? output.catch(this.#failed) : output;
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  readonly #failed = (thrown: unknown): never => {
    this.#reportFailure();
    throw thrown;
  };

  #reportFailure(): void {
    this.#options.report({ kind: "function-failed", function: this.#planned.name });
  }

  #checked(input: unknown, urgent: boolean): MaybePromise<unknown> {
    // A row that was given up goes on from step to step, until it would call something.
    this.#options.signal.throwIfAborted();
    if (this.#batches) return this.#batches.add(input, urgent).then(this.#checkOutput);
    return chain(this.#ready(), (prepared) =>
      chain(
        this.#limited(() => this.#run(input, prepared, urgent), urgent),
        this.#checkOutput,
      ),
    );
  }

  #run(input: unknown, prepared: Prepared, urgent: boolean): MaybePromise<unknown> {
    const { definition } = this.#planned.use;
    const attempt: Attempt = (signal, used) => {
      this.#options.report({ kind: "function-called", function: definition.name, inputs: 1 });
      const call = new CallContext(signal, prepared, this.#telling(used));
      return call.during(() => definition.run!(input, call));
    };
    if (this.#policy) return this.#policy.run(this.#governed(attempt, [input], urgent));
    try {
      const result = attempt(this.#options.signal);
      return isPromise(result) ? result.catch((thrown: unknown) => this.#retry(attempt, thrown)) : result;
    } catch (thrown) {
      return this.#retry(attempt, thrown);
    }
  }

  async #runBatch(
    definition: FunctionDefinition,
    inputs: readonly unknown[],
    urgent: boolean,
  ): Promise<unknown> {
    const prepared = await this.#ready();
    this.#options.signal.throwIfAborted();
    const attempt: AsyncAttempt = async (signal, used) => {
      this.#options.report({ kind: "function-called", function: definition.name, inputs: inputs.length });
      const call = new CallContext(signal, prepared, this.#telling(used));
      return call.during(() => definition.runBatch!(inputs, call));
    };
    const policy = this.#policy;
    const call = () =>
      policy
        ? policy.run(this.#governed(attempt, inputs, urgent))
        : attempt(this.#options.signal).catch((thrown: unknown) => this.#retry(attempt, thrown));
    return this.#limited(call, urgent);
  }

  #retry(attempt: Attempt, failed: unknown): Promise<unknown> {
    const { clock, signal, report } = this.#options;
    return withRetry(async () => attempt(signal), { clock, signal, report, what: this.#what() }, failed);
  }

  #governed(attempt: Attempt, inputs: readonly unknown[], urgent: boolean): GovernedCall {
    const { signal, clock, random, report } = this.#options;
    const { limits, countTokens } = this.#planned.use.definition;
    const { retry } = limits!;
    return {
      signal,
      urgent,
      tokens: () => inputs.reduce<number>((sum, input) => sum + countTokens!(input), 0),
      attempt,
      delayBefore: (next, thrown) => {
        const delayMs = delayBefore(next, thrown, { retry, now: clock.now(), random });
        if (delayMs === null || signal.aborted) return null;
        const error = toSluiceError(thrown, "function-failed");
        report({ kind: "retrying", what: this.#what(), attempt: next, delayMs, error });
        return delayMs;
      },
    };
  }

  #what(): string {
    return `function ${this.#planned.name}`;
  }

  #limited(call: () => MaybePromise<unknown>, urgent: boolean): MaybePromise<unknown> {
    const slots = this.#slots;
    if (slots === null) return call();
    const { signal } = this.#options;
    const run = async () => {
      await slots.take(1, signal, urgent);
      try {
        const result = call();
        // A call that does not end must not keep its place from the updates after this one.
        return await (isPromise(result) ? abortable(result, signal) : result);
      } finally {
        slots.release();
      }
    };
    return run();
  }

  #ready(): MaybePromise<Prepared> {
    return this.#options.prepared.of(this.#planned.use);
  }

  /** What an attempt can tell; tokens are told to `used` too, where there is a limit on them. */
  #telling(used: Used | undefined): Telling {
    return {
      usage: (usage) => {
        used?.((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0));
        this.#options.report({ kind: "function-usage", function: this.#planned.name, ...usage });
      },
      notice: this.#notice,
    };
  }

  readonly #notice = (message: string): void => {
    if (this.#notices.has(message)) return;
    this.#notices.add(message);
    this.#options.report({ kind: "notice", about: this.#what(), message });
  };
}

interface Telling {
  readonly usage: (usage: CallUsage) => void;
  readonly notice: (message: string) => void;
}

const slots = new WeakMap<FunctionDefinition, Semaphore>();

/** What all calls of a definition in this process share, in whatever flows and updates; null where it has no limit. */
function slotsOf(definition: FunctionDefinition): Semaphore | null {
  if (definition.concurrency === undefined) return null;
  const known = slots.get(definition) ?? new Semaphore(definition.concurrency);
  slots.set(definition, known);
  return known;
}

/** What one attempt is given; its signal is its own. */
class CallContext extends LentSignal implements FunctionContext<unknown> {
  readonly prepared: unknown;
  // Not methods: a function takes apart what it is given.
  readonly countUsage: (usage: CallUsage) => void;
  readonly notice: (message: string) => void;

  constructor(signal: AbortSignal, { value }: Prepared, tell: Telling) {
    super(signal);
    this.prepared = value;
    this.countUsage = tell.usage;
    this.notice = tell.notice;
  }
}

/** Fills in defaults and checks what schemas ask beyond the type; then the canonical form. */
function inputCheck({ use, inputType }: PlannedFunction): Check {
  const normalize = normalizer(inputType);
  const parsed = Object.entries(use.input).filter(([, schema]) => schemaNeedsParse(schema));
  if (parsed.length === 0) return normalize;
  return (args) => {
    const filled = { ...(args as Record<string, unknown>) };
    for (const [name, schema] of parsed) {
      const result = schema.safeParse(filled[name]);
      if (!result.success) {
        throw new SluiceError("function-failed", `input ${name}: ${result.error.issues[0]?.message}`);
      }
      filled[name] = result.data;
    }
    return normalize(filled);
  };
}

function outputCheck({ use, outputType, name }: PlannedFunction): Check {
  const normalize = normalizer(outputType);
  const needsParse = schemaNeedsParse(use.output);
  const unfit = (message: string, cause?: unknown) =>
    new SluiceError(
      "function-output-invalid",
      `function ${name} returned a value that does not fit: ${message}`,
      {
        hint: "What a function returns must fit its output schema.",
        cause,
      },
    );
  return (value) => {
    let output = value;
    if (needsParse) {
      const result = use.output.safeParse(value);
      if (!result.success) {
        const issue = result.error.issues[0]!;
        throw unfit([issue.path.map(String).join("."), issue.message].filter(Boolean).join(": "));
      }
      output = result.data;
    }
    try {
      return normalize(output);
    } catch (thrown) {
      throw unfit(toSluiceError(thrown, "value-invalid").message, thrown);
    }
  };
}
