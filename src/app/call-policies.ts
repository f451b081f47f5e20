import type { CallLimits } from "../contracts/call-limits.ts";
import type { CallPolicies, CallPolicy, GovernedCall } from "../contracts/call-policy.ts";
import type { FunctionDefinition } from "../contracts/function.ts";
import { SluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { isPromise } from "../kernel/maybe-promise.ts";
import { onAbort } from "../kernel/on-abort.ts";
import { SpendWindow } from "../kernel/spend-window.ts";
import { TokenBucket } from "../kernel/token-bucket.ts";

/** Policies whose waits and time limits go through a clock. */
export function callPolicies(clock: Clock): CallPolicies {
  return {
    policyOf(definition, limits) {
      const { rate, tokens } = limits;
      const bucket =
        rate && buckets.of(definition, clock, () => new TokenBucket(rate.calls, rate.perMs, clock));
      const spending =
        tokens && windows.of(definition, clock, () => new SpendWindow(tokens.tokens, tokens.perMs, clock));
      return new LimitedCalls({ name: definition.name, limits, clock, bucket, spending });
    },
  };
}

/** What all uses of a definition share in this process, whatever flows and updates they are in. */
class Shared<T> {
  readonly #known = new WeakMap<Clock, WeakMap<FunctionDefinition, T>>();

  of(definition: FunctionDefinition, clock: Clock, make: () => T): T {
    const ofClock = this.#known.get(clock) ?? new WeakMap<FunctionDefinition, T>();
    const one = ofClock.get(definition) ?? make();
    this.#known.set(clock, ofClock.set(definition, one));
    return one;
  }
}

const buckets = new Shared<TokenBucket>();
const windows = new Shared<SpendWindow>();

interface LimitedCallsOptions {
  readonly name: string;
  readonly limits: CallLimits;
  readonly clock: Clock;
  readonly bucket: TokenBucket | null;
  readonly spending: SpendWindow | null;
}

class LimitedCalls implements CallPolicy {
  readonly #options: LimitedCallsOptions;

  constructor(options: LimitedCallsOptions) {
    this.#options = options;
  }

  run(call: GovernedCall): Promise<unknown> {
    return this.#options.limits.retry.attempts === 1 ? this.#attempt(call) : this.#withRetries(call);
  }

  async #withRetries(call: GovernedCall): Promise<unknown> {
    const { limits, clock } = this.#options;
    // Loaded when a call is made: most updates make none.
    const { default: pRetry } = await import("p-retry");
    const wrapped = () =>
      this.#attempt(call).catch((thrown: unknown) => {
        throw new FailedAttempt(thrown);
      });
    try {
      return await pRetry(wrapped, {
        retries: limits.retry.attempts - 1,
        // It waits by the machine's timers: it is to wait for nothing, and the waits are made in the hook.
        minTimeout: 0,
        shouldRetry: async ({ error, attemptNumber }) => {
          const delayMs = call.delayBefore(attemptNumber + 1, (error as FailedAttempt).thrown);
          if (delayMs === null) return false;
          return clock.sleep(delayMs, call.signal).then(
            () => true,
            () => false,
          );
        },
      });
    } catch (thrown) {
      throw thrown instanceof FailedAttempt ? thrown.thrown : thrown;
    }
  }

  async #attempt(call: GovernedCall): Promise<unknown> {
    const { bucket, limits } = this.#options;
    await bucket?.take(call.signal, call.urgent);
    const used = await this.#spend(call);
    const { timeoutMs } = limits;
    return timeoutMs === null
      ? call.attempt(call.signal, used)
      : this.#attemptWithin(timeoutMs, call.signal, (signal) => call.attempt(signal, used));
  }

  /** Waits for the tokens that an attempt is likely to use; what it says that it used counts in their place. */
  async #spend({ tokens, signal, urgent }: GovernedCall): Promise<(tokens: number) => void> {
    const spending = await this.#options.spending?.take(tokens(), signal, urgent);
    let total = 0;
    return (used) => {
      total += used;
      spending?.settle(total);
    };
  }

  async #attemptWithin(
    timeoutMs: number,
    signal: AbortSignal,
    attempt: (signal: AbortSignal) => unknown,
  ): Promise<unknown> {
    const { default: pTimeout } = await import("p-timeout");
    const own = new AbortController();
    const forget = onAbort(signal, () => own.abort(signal.reason));
    try {
      const answer = attempt(own.signal);
      if (!isPromise(answer)) return answer;
      return await pTimeout(answer, {
        milliseconds: timeoutMs,
        signal: own.signal,
        customTimers: timersOf(this.#options.clock),
        fallback: () => own.abort(this.#timedOut(timeoutMs)),
      });
    } finally {
      forget();
    }
  }

  #timedOut(timeoutMs: number): SluiceError {
    const message = `function ${this.#options.name} did not answer within ${timeoutMs} ms`;
    return new SluiceError("function-timeout", message, {
      hint: "Raise its timeout, or look at what the call waits for.",
    });
  }
}

/** p-retry takes a TypeError for a mistake of its caller, and nothing but errors: what was thrown travels in this. */
class FailedAttempt extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super("an attempt failed");
    this.thrown = thrown;
  }
}

/** Timers by a clock, as far as p-timeout uses them. */
function timersOf(clock: Clock): { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout } {
  const timers = {
    setTimeout(expire: () => void, ms: number): AbortController {
      const cleared = new AbortController();
      clock.sleep(ms, cleared.signal).then(expire, () => {});
      return cleared;
    },
    clearTimeout: (timer: AbortController | undefined) => timer?.abort(),
  };
  return timers as never;
}
