import { systemClock } from "../kernel/clock.ts";

/** What the work yields; an error when it takes longer, so that what hangs is told from what is slow to fail. */
export async function withinTime<T>(what: string, ms: number, work: () => T | Promise<T>): Promise<T> {
  const finished = new AbortController();
  const expired = systemClock.sleep(ms, finished.signal).then(
    () => {
      throw new Error(`${what} did not end within ${ms} ms`);
    },
    () => undefined as never,
  );
  const answer = (async () => work())();
  try {
    return await Promise.race([answer, expired]);
  } finally {
    finished.abort();
    answer.catch(() => {});
  }
}
