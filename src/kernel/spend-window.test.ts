import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "./clock.ts";
import { SpendWindow } from "./spend-window.ts";

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

const calm = new AbortController().signal;

describe("a spend window", () => {
  test("never lets more be spent in a span, and waits no longer than that asks", async () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(amounts, async (given) => {
        const clock = new WaitingClock();
        const spending = new SpendWindow(10, 100, clock);
        const taken: { at: number; amount: number }[] = [];
        const fits = (at: number, amount: number) =>
          taken.filter((one) => one.at > at - 100).reduce((sum, one) => sum + one.amount, amount) <= 10;
        for (const amount of given) {
          await spending.take(amount, calm);
          const at = clock.now();
          expect(fits(at, amount)).toBe(true);
          const before = taken.at(-1)?.at ?? 0;
          if (at > before) expect(fits(at - 1, amount)).toBe(false);
          taken.push({ at, amount });
        }
      }),
    );
  });

  test("counts what it came to, once that is known", async () => {
    const clock = new WaitingClock();
    const spending = new SpendWindow(10, 100, clock);
    const first = await spending.take(9, calm);
    first.settle(2);
    await spending.take(8, calm);
    expect(clock.now()).toBe(0);
    first.settle(10);
    await spending.take(1, calm);
    expect(clock.now()).toBe(100);
    first.settle(1_000);
    await spending.take(9, calm);
    expect(clock.now()).toBe(100);
  });

  test("lets an amount above the limit through alone", async () => {
    const clock = new WaitingClock();
    const spending = new SpendWindow(10, 100, clock);
    await spending.take(1, calm);
    await spending.take(50, calm);
    expect(clock.now()).toBe(100);
    await spending.take(1, calm);
    expect(clock.now()).toBe(200);
  });

  test("ends on a clock that shows no wait, and who gives up takes nothing", async () => {
    const still: Clock = { ...systemClock, now: () => 0, monotonic: () => 0, sleep: async () => {} };
    const spending = new SpendWindow(1, 100, still);
    for (let i = 0; i < 5; i++) await spending.take(1, calm);
    const clock = new WaitingClock();
    const other = new SpendWindow(1, 100, clock);
    await other.take(1, calm);
    const stop = new AbortController();
    const leaving = other.take(1, stop.signal);
    stop.abort(new Error("no more"));
    await expect(leaving).rejects.toThrow("no more");
    await other.take(1, calm);
    expect(clock.now()).toBe(100);
  });
});
