import { SluiceError } from "../errors/index.ts";
import { parseTimeSpan, type TimeSpan } from "../kernel/time-span.ts";

/** How a call that fails is tried again. */
export interface RetryOptions {
  /** How often it is tried, the first time included. Default 3. */
  readonly attempts?: number;
  /** The wait before the second attempt. Default half a second. */
  readonly initialDelay?: TimeSpan;
  /** How many times longer each further wait is. Default 2. */
  readonly factor?: number;
  /**
   * The longest wait. An error that asks for a longer one, as HTTP's `Retry-After` does, is not waited for: the row
   * fails, and the next update tries it again. Default 30 seconds.
   */
  readonly maxDelay?: TimeSpan;
  /** Take between half and all of each wait, by chance, so that calls that failed together do not return together. Default true. */
  readonly jitter?: boolean;
  /** Whether an error is worth another attempt. Default: whether its cause may pass, such as a refused connection or HTTP 429. */
  readonly when?: (error: unknown) => boolean;
}

/** How many calls may begin in a span of time. */
export interface RateLimit {
  readonly calls: number;
  readonly per: TimeSpan;
}

/** How many tokens of a model calls may use in a span of time. */
export interface TokenLimit {
  readonly tokens: number;
  readonly per: TimeSpan;
}

/** The options of a function that bound its calls. They do not count as code. */
export interface CallLimitOptions {
  /** How long one attempt at a call may take; its `signal` then aborts. Default: without end. */
  readonly timeout?: TimeSpan;
  /** How a call that fails is tried again; false: not at all. Default: three times within a minute, where its cause may pass. */
  readonly retry?: RetryOptions | false;
  /** How many calls may begin in any span of that length, in this process. A batch is one call, and so is each attempt. */
  readonly rateLimit?: RateLimit;
  /**
   * How many tokens calls may use in any span of that length, in this process. What a call will use is first estimated
   * by the function's `countTokens`, and put right by what the call says with `countUsage`.
   */
  readonly tokenLimit?: TokenLimit;
}

/** What bounds the calls of one function, with every value known. */
export interface CallLimits {
  /** Null: an attempt may take for ever. */
  readonly timeoutMs: number | null;
  readonly retry: RetryLimits;
  readonly rate: CallRate | null;
  readonly tokens: TokenRate | null;
}

/** How often, and after what waits, a call is tried again. */
export interface RetryLimits {
  /** The first one included; 1 tries nothing again. */
  readonly attempts: number;
  readonly initialDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Take between half and all of each wait, by chance. */
  readonly jitter: boolean;
  /** Whether an error is worth another attempt; null: as for functions that say nothing of it. */
  readonly when: ((error: unknown) => boolean) | null;
}

/** At most so many calls begin in any span of that length. */
export interface CallRate {
  readonly calls: number;
  readonly perMs: number;
}

/** Calls use at most so many tokens in any span of that length. */
export interface TokenRate {
  readonly tokens: number;
  readonly perMs: number;
}

/** What holds for a function that says how long its calls may take, or how often they are made, and not how they are tried again. */
const usualRetry: RetryLimits = {
  attempts: 3,
  initialDelayMs: 500,
  factor: 10,
  maxDelayMs: 30_000,
  jitter: false,
  when: null,
};

/** The limits that a function's options mean; null where it has none of them. `option-invalid` for what none can be. */
export function callLimits(name: string, options: CallLimitOptions): CallLimits | null {
  const { timeout, retry, rateLimit, tokenLimit } = options;
  if ([timeout, retry, rateLimit, tokenLimit].every((option) => option === undefined)) return null;
  const check = new OptionCheck(name);
  return {
    timeoutMs: timeout === undefined ? null : check.span("timeout", timeout, { above0: true }),
    retry: retryLimits(check, retry),
    rate: rateLimit === undefined ? null : callRate(check, rateLimit),
    tokens: tokenLimit === undefined ? null : tokenRate(check, tokenLimit),
  };
}

function retryLimits(check: OptionCheck, retry: RetryOptions | false | undefined): RetryLimits {
  if (retry === undefined) return usualRetry;
  if (retry === false) return { ...usualRetry, attempts: 1 };
  check.names("retry", retry, ["attempts", "initialDelay", "factor", "maxDelay", "jitter", "when"]);
  const { attempts = 3, initialDelay = 500, factor = 2, maxDelay, jitter = true, when } = retry;
  const initialDelayMs = check.span("retry.initialDelay", initialDelay);
  check.holds(Number.isFinite(factor) && factor >= 1, "retry.factor", "a number of at least 1", factor);
  check.holds(typeof jitter === "boolean", "retry.jitter", "true or false", jitter);
  check.holds(when === undefined || typeof when === "function", "retry.when", "a function", when);
  return {
    attempts: check.count("retry.attempts", attempts),
    initialDelayMs,
    factor,
    maxDelayMs:
      maxDelay === undefined ? Math.max(30_000, initialDelayMs) : check.span("retry.maxDelay", maxDelay),
    jitter,
    when: when ?? null,
  };
}

function callRate(check: OptionCheck, rate: RateLimit): CallRate {
  check.names("rateLimit", rate, ["calls", "per"]);
  return {
    calls: check.count("rateLimit.calls", rate.calls),
    perMs: check.span("rateLimit.per", rate.per, { above0: true }),
  };
}

function tokenRate(check: OptionCheck, limit: TokenLimit): TokenRate {
  check.names("tokenLimit", limit, ["tokens", "per"]);
  return {
    tokens: check.count("tokenLimit.tokens", limit.tokens),
    perMs: check.span("tokenLimit.per", limit.per, { above0: true }),
  };
}

/** Says which option of which function cannot be what it is. Users of JavaScript have no compiler that does. */
class OptionCheck {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  names(option: string, value: unknown, names: readonly string[]): void {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    this.holds(isObject, option, `an object with ${names.join(", ")}`, value);
    const unknown = Object.keys(value as object).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw this.#invalid(`${option} has no option ${unknown}`, `It has ${names.join(", ")}.`);
  }

  count(option: string, value: number): number {
    this.holds(Number.isSafeInteger(value) && value > 0, option, "a whole number above 0", value);
    return value;
  }

  span(option: string, value: TimeSpan, { above0 = false } = {}): number {
    const fits = typeof value === "number" || typeof value === "string";
    const ms = fits ? parseTimeSpan(value) : null;
    if (ms !== null && (ms > 0 || !above0)) return ms;
    const hint = `Say "5s", "1m30s", "2h", or milliseconds as a number${above0 ? "; never 0" : ""}.`;
    throw this.#invalid(`${option} is no time span: ${String(value)}`, hint);
  }

  holds(fits: boolean, option: string, wanted: string, value: unknown): void {
    if (!fits) throw this.#invalid(`${option} must be ${wanted}, not ${String(value)}`);
  }

  #invalid(message: string, hint?: string): SluiceError {
    return new SluiceError("option-invalid", `function ${this.#name}: ${message}`, { hint });
  }
}
