import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";
import { seededRandom } from "../kernel/random.ts";
import { BatchQueue } from "./batch-queue.ts";

type Send = (inputs: readonly unknown[], urgent: boolean) => Promise<unknown>;

function queue(maxBatchSize: number, send: Send): BatchQueue {
  return new BatchQueue({ name: "double", maxBatchSize, clock: systemClock, random: seededRandom(1), send });
}

/** Resolves when a queue has sent what it sends where nothing else can run. */
async function quiet(): Promise<void> {
  await systemClock.idle();
  await systemClock.idle();
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

  test("fails an input alone whose output is an error, without another call", async () => {
    const sizes: number[] = [];
    const picky = queue(4, async (inputs) => {
      sizes.push(inputs.length);
      return inputs.map((input) => (input === 2 ? new Error("not two") : input));
    });
    const results = await Promise.allSettled([1, 2, 3, 4].map((input) => picky.add(input)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { message: "not two" } });
    expect(sizes).toEqual([4]);
  });

  test("gathers while a batch is under way", async () => {
    const calls: { inputs: readonly unknown[]; answer: Deferred<unknown> }[] = [];
    const slow = queue(100, (inputs) => {
      const answer = deferred<unknown>();
      calls.push({ inputs, answer });
      return answer.promise;
    });
    const first = slow.add("a");
    await quiet();
    const others = [slow.add("b"), slow.add("c")];
    await quiet();
    expect(calls.map(({ inputs }) => inputs)).toEqual([["a"]]);
    calls[0]!.answer.resolve(["A"]);
    expect(await first).toBe("A");
    await quiet();
    calls[1]!.answer.resolve(["B", "C"]);
    expect(await Promise.all(others)).toEqual(["B", "C"]);
    expect(calls[1]!.inputs).toEqual(["b", "c"]);
  });

  test("holds an urgent input back for urgent ones only, and sends along with it what waits", async () => {
    const sent: string[] = [];
    const answers: (() => void)[] = [];
    const slow = queue(4, async (inputs, urgent) => {
      sent.push(`${inputs.join("")}${urgent ? "!" : ""}`);
      const answer = deferred<unknown>();
      answers.push(() => answer.resolve(inputs));
      return answer.promise;
    });
    const all: Promise<unknown>[] = [];
    const add = async (inputs: string) => {
      for (const input of inputs) all.push(slow.add(input, input < "a"));
      await quiet();
      return sent.at(-1);
    };
    const answer = async (batch: string) => {
      answers[sent.indexOf(batch)]!();
      await quiet();
      return sent.at(-1);
    };
    expect(await add("abcde")).toBe("abcd");
    expect(await add("A")).toBe("Ae!");
    expect(await add("BfC")).toBe("Ae!");
    expect(await answer("Ae!")).toBe("BCf!");
    expect(await add("g")).toBe("BCf!");
    expect(await answer("BCf!")).toBe("BCf!");
    expect(await answer("abcd")).toBe("g");
    await answer("g");
    expect((await Promise.all(all)).join("")).toBe("abcdeABfCg");
  });

  test("looks for a poison input among the urgent ones first", async () => {
    const sent: string[] = [];
    const picky = queue(4, async (inputs, urgent) => {
      sent.push(`${inputs.join("")}${urgent ? "!" : ""}`);
      if (inputs.includes("a")) throw new TypeError("poison");
      return inputs;
    });
    const results = await Promise.allSettled([..."abAc"].map((input) => picky.add(input, input === "A")));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(sent).toEqual(["Aabc!", "Aa!", "A!", "a", "bc"]);
  });

  test("halves a batch that fails until every poison input fails alone, in few calls, whatever fails with it", async () => {
    const cases = fc.record({
      poison: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      size: fc.integer({ min: 1, max: 16 }),
    });
    const isFair = async ({ poison, size }: { poison: boolean[]; size: number }) => {
      let calls = 0;
      const picky = queue(size, async (inputs) => {
        calls++;
        expect(inputs.length).toBeLessThanOrEqual(size);
        const bad = inputs.find((input) => poison[Number(input)]);
        if (bad !== undefined) throw new TypeError(`poison ${inputs.length === 1 ? bad : "somewhere"}`);
        return inputs;
      });
      const results = await Promise.allSettled(poison.map((_, i) => picky.add(i)));
      expect(results).toEqual(
        poison.map((isPoison, i) =>
          isPoison
            ? { status: "rejected", reason: new TypeError(`poison ${i}`) }
            : { status: "fulfilled", value: i },
        ),
      );
      const batches = Math.ceil(poison.length / size);
      const halvings = Math.ceil(Math.log2(size));
      expect(calls).toBeLessThanOrEqual(batches + 2 * halvings * poison.filter(Boolean).length);
    };
    await fc.assert(fc.asyncProperty(cases, isFair), { numRuns: 50 });
  });

  test("finds the one input that a service answers with an error of its own, too", async () => {
    const picky = queue(64, async (inputs) => {
      if (inputs.includes(13)) throw Object.assign(new Error("busy"), { status: 503 });
      return inputs;
    });
    const results = await Promise.allSettled(Array.from({ length: 64 }, (_, i) => picky.add(i)));
    const failed = results.flatMap(({ status }, i) => (status === "rejected" ? [i] : []));
    expect(failed).toEqual([13]);
  });

  test("refuses an answer of another length, for each input alone", async () => {
    const short = queue(3, async () => []);
    const results = await Promise.allSettled([short.add(1), short.add(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "function-output-invalid" } });
    }
  });
});
