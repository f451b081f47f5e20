import { describe, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";
import { seededRandom } from "../kernel/random.ts";
import { BatchQueue } from "./batch-queue.ts";

function queue(maxBatchSize: number, send: (inputs: readonly unknown[]) => Promise<unknown>): BatchQueue {
  return new BatchQueue({ name: "double", maxBatchSize, clock: systemClock, random: seededRandom(1), send });
}

describe("a batch queue", () => {
  test("sends what is full at once, and the rest when nothing else can run", async () => {
    const sizes: number[] = [];
    const doubling = queue(4, async (inputs) => {
      sizes.push(inputs.length);
      return inputs.map((input) => Number(input) * 2);
    });
    const results = await Promise.all(Array.from({ length: 10 }, (_, i) => doubling.add(i)));
    expect(results).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(sizes).toEqual([4, 4, 2]);
  });

  test("gathers while a batch is under way", async () => {
    const calls: { inputs: readonly unknown[]; answer: Deferred<unknown> }[] = [];
    const slow = queue(100, (inputs) => {
      const answer = deferred<unknown>();
      calls.push({ inputs, answer });
      return answer.promise;
    });
    const first = slow.add("a");
    await systemClock.idle();
    await systemClock.idle();
    const others = [slow.add("b"), slow.add("c")];
    await systemClock.idle();
    await systemClock.idle();
    expect(calls.map(({ inputs }) => inputs)).toEqual([["a"]]);
    calls[0]!.answer.resolve(["A"]);
    expect(await first).toBe("A");
    await systemClock.idle();
    await systemClock.idle();
    calls[1]!.answer.resolve(["B", "C"]);
    expect(await Promise.all(others)).toEqual(["B", "C"]);
    expect(calls[1]!.inputs).toEqual(["b", "c"]);
  });

  test("refuses an answer of another length, for each input alone", async () => {
    const short = queue(3, async () => []);
    const results = await Promise.allSettled([short.add(1), short.add(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "function-output-invalid" } });
    }
  });
});
