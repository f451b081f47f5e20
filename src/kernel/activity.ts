import type { Clock } from "./clock.ts";

/** Notices when nothing goes on any more, where what goes on lets others have a turn now and then. */
export class Activity {
  readonly #clock: Clock;
  #notes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something goes on, and will in the next turn of the event loop. */
  note(): void {
    this.#notes++;
  }

  /** Resolves when nothing was noted while everything that can run without waiting had run. */
  async lull(): Promise<void> {
    for (let seen = -1; seen !== this.#notes; ) {
      seen = this.#notes;
      await this.#clock.idle();
    }
  }
}

/** A clock by which nothing is idle before a lull. */
export function patientClock(clock: Clock, activity: Activity): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    idle: () => activity.lull(),
  };
}
