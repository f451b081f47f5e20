import type { TargetContext } from "../contracts/target.ts";
import { SluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { deferred } from "../kernel/deferred.ts";
import { onAbort } from "../kernel/on-abort.ts";

export interface TimedCall {
  /** Of the target that is called. */
  readonly kind: string;
  readonly appDirectory: string;
  /** Of the lease under which it is written. */
  readonly leaseNumber: number;
  readonly clock: Clock;
  readonly mutateTimeoutMs: number;
  /** The same once the work is to stop. */
  readonly stopTimeoutMs: number;
  /** Aborts when the work is to stop. */
  readonly signal: AbortSignal;
}

/** Calls a target's `mutate`, for which it has so much time; then its signal aborts and the call counts as failed. */
export async function withinTime(
  timed: TimedCall,
  call: (context: TargetContext) => void | Promise<void>,
): Promise<void> {
  const { appDirectory, leaseNumber } = timed;
  const timeout = new AbortController();
  const finished = new AbortController();
  const expired = expiry(timed, finished.signal).then(
    (ms) => {
      const error = timedOut(timed.kind, ms);
      timeout.abort(error);
      throw error;
    },
    () => {},
  );
  const answer = (async () => call({ appDirectory, leaseNumber, signal: timeout.signal }))();
  try {
    await Promise.race([answer, expired]);
  } finally {
    finished.abort();
    answer.catch(() => {});
  }
}

/** Resolves when the time is over, to how much that was; rejects when the call has finished. */
async function expiry(
  { clock, mutateTimeoutMs, stopTimeoutMs, signal }: TimedCall,
  finished: AbortSignal,
): Promise<number> {
  const stopped = deferred<void>();
  const forget = onAbort(signal, () => stopped.resolve());
  onAbort(finished, forget);
  const whole = clock.sleep(mutateTimeoutMs, finished).then(() => mutateTimeoutMs);
  const short = stopped.promise.then(() => clock.sleep(stopTimeoutMs, finished)).then(() => stopTimeoutMs);
  short.catch(() => {});
  return Promise.race([whole, short]);
}

function timedOut(kind: string, ms: number): SluiceError {
  return new SluiceError("mutate-timeout", `target ${kind} did not answer within ${ms} ms`, {
    hint: "Raise mutateTimeout, or look at what the target waits for.",
  });
}
