import type { TargetContext } from "../contracts/target.ts";
import { SluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";

export interface TimedCall {
  /** Of the target that is called. */
  readonly kind: string;
  readonly appDirectory: string;
  /** Of the lease under which it is written. */
  readonly leaseNumber: number;
  readonly clock: Clock;
  readonly mutateTimeoutMs: number;
}

/** Calls a target's `mutate`, for which it has so much time; then its signal aborts and the call counts as failed. */
export async function withinTime(
  { kind, appDirectory, leaseNumber, clock, mutateTimeoutMs }: TimedCall,
  call: (context: TargetContext) => void | Promise<void>,
): Promise<void> {
  const timeout = new AbortController();
  const finished = new AbortController();
  const expired = clock.sleep(mutateTimeoutMs, finished.signal).then(
    () => {
      const error = new SluiceError(
        "mutate-timeout",
        `target ${kind} did not answer within ${mutateTimeoutMs} ms`,
        { hint: "Raise mutateTimeout, or look at what the target waits for." },
      );
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
