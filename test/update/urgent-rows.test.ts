import { describe, expect, test } from "vitest";
import { z } from "zod";
import { callPolicies } from "../../src/app/call-policies.ts";
import { createCodeDigest } from "../../src/app/code/index.ts";
import { FunctionCalls } from "../../src/engine/function-calls.ts";
import { RowCalls } from "../../src/engine/row-calls.ts";
import { RowQueue } from "../../src/engine/row-queue.ts";
import { Tally } from "../../src/engine/tally.ts";
import { buildFlow } from "../../src/flow/index.ts";
import { type CallLimitOptions, defineFunction } from "../../src/index.ts";
import { type Deferred, deferred } from "../../src/kernel/deferred.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { Semaphore } from "../../src/kernel/semaphore.ts";
import { compilePlan, type Plan } from "../../src/plan/index.ts";
import { LeapingClock } from "../worlds/leaping-clock.ts";
import { Library, Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import type { TextFunction } from "../worlds/use-world.ts";

const signal = new AbortController().signal;

function planOf(through: TextFunction): Plan {
  const definition = buildFlow(
    "Urgent",
    (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("pages", new Notebook().source()({})).forEachRow((page) => {
        out.collect({ id: page.id, text: page.text.transform(through) });
      });
      out.export("Out", new Library().target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    },
    null,
  );
  return compilePlan(definition, createCodeDigest());
}

/** Calls a function with texts, one a row; rows whose text is a capital letter are urgent. */
function calling(through: TextFunction, clock: LeapingClock): (texts: string) => Promise<unknown> {
  const plan = planOf(through);
  const calls = new FunctionCalls({
    functions: plan.functions,
    memos: null,
    policies: callPolicies(clock),
    clock,
    random: seededRandom(1),
    signal,
    report() {},
  });
  const step = plan.sources[0]!.wholeProgram.scope.steps[0]!;
  if (step.kind !== "call") throw new Error("no call");
  return (texts) =>
    Promise.all([...texts].map((text) => calls.call(step, { text }, new RowCalls(1, isUrgent(text)))));
}

const isUrgent = (text: string) => text < "a";

describe("the calls of urgent rows go first", () => {
  test("to the slots of a function", async () => {
    const began: string[] = [];
    const clock = new LeapingClock();
    const run = async (text: string) => {
      began.push(text);
      await clock.idle();
      return text;
    };
    await calling(textFunction("one", run, { concurrency: 1 }), clock)("abcUV");
    expect(began).toEqual(["a", "U", "V", "b", "c"]);
  });

  test("to its rate, when it is tried again as well", async () => {
    const began: string[] = [];
    const clock = new LeapingClock();
    const limits: CallLimitOptions = {
      rateLimit: { calls: 1, per: "10s" },
      retry: { attempts: 2, initialDelay: 0 },
    };
    const through = defineFunction({
      name: "one",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      run({ text }) {
        began.push(text);
        if (text === "U" && began.length === 2) throw Object.assign(new Error("busy"), { status: 503 });
        return text;
      },
      ...limits,
    });
    await calling(through, clock)("abcdU");
    expect(began).toEqual(["a", "U", "b", "U", "c", "d"]);
  });

  test("past batches that wait for slots", async () => {
    const began: string[] = [];
    const first = deferred<void>();
    const clock = new LeapingClock();
    const through = defineFunction({
      name: "one",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      concurrency: 1,
      batching: { maxBatchSize: 2 },
      async runBatch(inputs) {
        began.push(inputs.map(({ text }) => text).join(""));
        await first.promise;
        return inputs.map(({ text }) => text);
      },
    });
    const call = calling(through, clock);
    const all = [call("abcdef"), call("U")];
    await clock.idle();
    await clock.idle();
    first.resolve();
    await Promise.all(all);
    expect(began).toEqual(["ab", "U", "cd", "ef"]);
  });
});

describe("urgent rows start first", () => {
  const plan = planOf(textFunction("one", (text) => text));
  const run = (capacity: number) => ({
    rows: new Semaphore(capacity),
    signal,
    tally: new Tally(
      plan,
      () => {},
      () => 0,
    ),
  });

  /** Starts rows in queues, each of which works until all are started; resolves to the order in which they began. */
  async function order(rows: readonly (readonly [RowQueue, string])[]): Promise<string> {
    const began: string[] = [];
    const allStarted: Deferred<void> = deferred();
    const starting = rows.map(([queue, row]) => {
      const work = () => {
        began.push(row);
        return allStarted.promise;
      };
      return queue.start(work, isUrgent(row));
    });
    allStarted.resolve();
    await Promise.all(starting);
    for (const [queue] of rows) await queue.settle();
    return began.join("");
  }

  test("within the limit of their source", async () => {
    const queue = new RowQueue(run(10), "pages", new Semaphore(2));
    expect(await order([..."abcdUV"].map((row) => [queue, row]))).toBe("abUVcd");
  });

  test("within the limit of the process, past rows of other sources", async () => {
    const shared = run(2);
    const [one, other] = [new RowQueue(shared, "pages"), new RowQueue(shared, "others", new Semaphore(10))];
    const rows = [..."abcd"].map((row) => [one, row] as const);
    expect(await order([...rows, [other, "U"], [other, "V"]])).toBe("abUVcd");
    expect(shared.rows.taken).toBe(0);
  });
});
