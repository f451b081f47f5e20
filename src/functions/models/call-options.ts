import type { CallLimitOptions } from "../../contracts/call-limits.ts";

/** Options of a function that calls a model. None of them counts as code: changing them computes nothing again. */
export interface ModelCallOptions extends CallLimitOptions {
  /**
   * The function's name, which its stored results are filed under. All uses of one name in a flow have the same
   * limits, and share what is bounded: give uses with other limits another name.
   */
  readonly name?: string;
  /** How many calls may run at once in this process. Default 4. */
  readonly concurrency?: number;
  /** Keep results in the store. Default true. */
  readonly cache?: boolean;
}

/** The names of {@link ModelCallOptions}. */
export const modelCallOptions = [
  "name",
  "concurrency",
  "cache",
  "timeout",
  "retry",
  "rateLimit",
  "tokenLimit",
] as const;

/** What holds where a use says nothing else. Services that limit their users ask for waits of up to a minute. */
export const usualCalls = {
  concurrency: 4,
  cache: true,
  retry: { attempts: 5, initialDelay: "1s", factor: 2, maxDelay: "1m" },
} as const;
