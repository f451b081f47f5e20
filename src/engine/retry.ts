import type { Report } from "../contracts/events.ts";
import { isSluiceError, toSluiceError } from "../errors/index.ts";
import { causeChain } from "../kernel/cause-chain.ts";
import type { Clock } from "../kernel/clock.ts";

/** Attempts at one thing within a pass, and the waits between them in milliseconds: within a minute together. */
const waits: readonly number[] = [500, 5_000];

const transientCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EBUSY",
  "EMFILE",
  "ENFILE",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "function-timeout",
  "target-unavailable",
]);

/**
 * Whether trying again soon may help: a network's error code, a time limit, an HTTP status that says so, or
 * `transient: true`. The first of an error and its causes that says anything decides.
 */
export function isTransient(error: unknown): boolean {
  for (const { transient, code, status, statusCode } of causeChain(error)) {
    if (typeof transient === "boolean") return transient;
    if (transientCodes.has(code)) return true;
    const http = typeof status === "number" ? status : statusCode;
    if (typeof http === "number") return http === 408 || http === 429 || http >= 500;
  }
  return false;
}

/** Whether a service refuses whoever asks, whatever is asked: HTTP 401, 403 and 404. */
export function refusesCaller(error: unknown): boolean {
  for (const { status, statusCode } of causeChain(error)) {
    const http = typeof status === "number" ? status : statusCode;
    if (typeof http === "number") return http === 401 || http === 403 || http === 404;
  }
  return false;
}

export interface Retrying {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly report: Report;
  /** What is tried, for people. */
  readonly what: string;
}

/** Tries again what failed for a transient reason: at most three attempts. */
export async function withRetry<T>(
  attempt: () => T | Promise<T>,
  retrying: Retrying,
  failed?: unknown,
): Promise<T> {
  let error = failed;
  for (let made = failed === undefined ? 0 : 1; ; made++) {
    if (made > 0) {
      const delayMs = waits[made - 1];
      if (delayMs === undefined || !isTransient(error) || retrying.signal.aborted) throw error;
      const reported = isSluiceError(error) ? error : toSluiceError(error, "function-failed");
      retrying.report({ kind: "retrying", what: retrying.what, attempt: made + 1, delayMs, error: reported });
      await retrying.clock.sleep(delayMs, retrying.signal).catch(() => {
        throw error;
      });
    }
    try {
      return await attempt();
    } catch (thrown) {
      error = thrown;
    }
  }
}
