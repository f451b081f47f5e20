import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "./clock.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Stands still but for waits, which it makes at once, in the order in which they begin. */
class WaitingClock implements Clock {
  #time = 0;
  readonly idle = systemClock.idle;
  readonly now = () => this.#time;
  readonly monotonic = () => this.#time;

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await systemClock.idle();
    signal?.throwIfAborted();
    this.#time += ms;
  }
}

describe("a token bucket", () => {
  test("gives its tokens to urgent ones first, and never more in a span", async () => {
    const clock = new WaitingClock();
    const bucket = new TokenBucket(2, 100, clock);
    const taken: string[] = [];
    const take = async (name: string, urgent: boolean) => {
      await bucket.take(new AbortController().signal, urgent);
      taken.push(`${name} ${clock.now()}`);
    };
    const ordinary = ["a", "b", "c", "d"].map((name) => take(name, false));
    const urgent = ["U", "V"].map((name) => take(name, true));
    await Promise.all([...ordinary, ...urgent]);
    expect(taken).toEqual(["a 0", "U 0", "V 100", "b 100", "c 200", "d 200"]);
  });

  test("an urgent one that gives up takes nothing", async () => {
    const clock = new WaitingClock();
    const bucket = new TokenBucket(1, 100, clock);
    const stop = new AbortController();
    const calm = new AbortController().signal;
    await bucket.take(calm);
    const [ordinary, urgent] = [bucket.take(calm), bucket.take(stop.signal, true)];
    stop.abort(new Error("no more"));
    await expect(urgent).rejects.toThrow("no more");
    await ordinary;
    expect(clock.now()).toBe(100);
  });
});
