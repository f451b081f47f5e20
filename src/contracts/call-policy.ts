import type { CallLimits } from "./call-limits.ts";
import type { FunctionDefinition } from "./function.ts";

/** One call that is to be made within its function's limits. */
export interface GovernedCall {
  /** Stops waits and attempts with its reason. */
  readonly signal: AbortSignal;
  /** It goes before calls that are not, wherever it waits for the rate. */
  readonly urgent: boolean;
  /** How many tokens of a model an attempt is likely to use. Asked where there is a limit on them. */
  tokens(): number;
  /** Makes the call once. Its signal aborts when the attempt is given up; `used` is told of tokens that it did use. */
  attempt(signal: AbortSignal, used: (tokens: number) => void): unknown;
  /** How long to wait before attempt `next`, after the one before failed; null: it is not made. */
  delayBefore(next: number, error: unknown): number | null;
}

/**
 * Makes the calls of one function within its limits.
 *
 * It guarantees: `run` settles when the last attempt has ended or was given up, whatever becomes of the work of one
 * that was given up; it rejects with what the last attempt threw, `function-timeout` for one that took too long, or
 * with the signal's reason; no attempt begins before the rate allows it; every wait goes through the clock.
 */
export interface CallPolicy {
  run(call: GovernedCall): Promise<unknown>;
}

/** The policies of a process. The rate of a definition holds for all of its uses, in every update. */
export interface CallPolicies {
  policyOf(definition: FunctionDefinition, limits: CallLimits): CallPolicy;
}
