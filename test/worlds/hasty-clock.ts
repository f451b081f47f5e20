import { type Clock, systemClock } from "../../src/kernel/clock.ts";

/** A clock on which waits below a minute take no time, and longer ones, which are time limits, never end. */
export const hastyClock: Clock = {
  ...systemClock,
  async sleep(ms, signal) {
    if (ms < 60_000) await systemClock.idle();
    else await systemClock.sleep(2 ** 31 - 1, signal);
    signal?.throwIfAborted();
  },
};

/** A clock on which every wait ends at once. */
export const endlessHasteClock: Clock = {
  ...systemClock,
  async sleep(_ms, signal) {
    await systemClock.idle();
    await systemClock.idle();
    signal?.throwIfAborted();
  },
};
