import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Semaphore } from "./semaphore.ts";

describe("a semaphore", () => {
  test("never gives out more than it has, serves in order, and serves everybody", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 30 }),
        async (capacity, weights) => {
          const semaphore = new Semaphore(capacity);
          const served: number[] = [];
          let held = 0;
          const work = async (weight: number, i: number) => {
            await semaphore.take(weight);
            const charged = Math.min(weight, capacity);
            held += charged;
            served.push(i);
            expect(held).toBeLessThanOrEqual(capacity);
            await Promise.resolve();
            held -= charged;
            semaphore.release(weight);
          };
          await Promise.all(weights.map(work));
          expect(served).toEqual(weights.map((_, i) => i));
          expect(semaphore.taken).toBe(0);
        },
      ),
    );
  });

  test("somebody who gives up waiting gives way to those behind", async () => {
    const semaphore = new Semaphore(2);
    await semaphore.take(1);
    const stop = new AbortController();
    const large = semaphore.take(2, stop.signal);
    const small = semaphore.take(1);
    stop.abort(new Error("no more"));
    await expect(large).rejects.toThrow("no more");
    await small;
    expect(semaphore.taken).toBe(2);
    await expect(semaphore.take(1, stop.signal)).rejects.toThrow("no more");
  });
});
