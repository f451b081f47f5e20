import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type CallLimitOptions,
  configure,
  defineFunction,
  type EngineEvent,
  type FunctionContext,
} from "../../src/index.ts";
import { LeapingClock } from "../worlds/leaping-clock.ts";
import { type TextFunction, useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let clock: LeapingClock;

beforeEach(() => {
  clock = new LeapingClock();
  configure({ clock, random: { next: () => 0 } });
});

type Run = (text: string, context: FunctionContext) => string | Promise<string>;

function one(run: Run, limits: CallLimitOptions & { readonly concurrency?: number }): TextFunction {
  return defineFunction({
    name: "one",
    version: 1,
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }, context) => run(text, context),
    ...limits,
  });
}

/** Updates with a function over so many pages; with what was reported. */
async function updateWith(through: TextFunction, pages = 1, signal?: AbortSignal) {
  world.write(pages);
  world.closeFlows();
  const flow = world.define("Limits", { through });
  await flow.setup();
  const events: EngineEvent[] = [];
  const began = clock.now();
  const info = await flow.update({
    report: (event) => events.push(event),
    ...(signal ? { signal } : {}),
  });
  const delays = events.flatMap((event) => (event.kind === "retrying" ? [event.delayMs] : []));
  return { info, delays, tookMs: clock.now() - began, error: info.failures[0]?.error };
}

const never = () => new Promise<never>(() => {});
const failing = (error: unknown) => (): never => {
  throw error;
};

describe("a timeout", () => {
  test("gives an attempt up, tells the call so, and tries it again", async () => {
    const reasons: unknown[] = [];
    const through = one(
      (_text, { signal }) => {
        signal.addEventListener("abort", () => reasons.push((signal.reason as { code: string }).code));
        return never();
      },
      { timeout: "10s" },
    );
    const { info, error, tookMs } = await updateWith(through);
    expect(error).toMatchObject({
      code: "function-timeout",
      exitCode: 1,
      message: "function one did not answer within 10000 ms",
      where: { step: "one" },
    });
    expect(info.functions.one).toMatchObject({ calls: 3, failed: 1 });
    expect(reasons).toEqual(["function-timeout", "function-timeout", "function-timeout"]);
    expect(tookMs).toBe(10_000 + 500 + 10_000 + 5_000 + 10_000);
  });

  test("counts from one attempt's own start, and an answer in time is one", async () => {
    let calls = 0;
    const through = one((text) => (++calls === 1 ? never() : clock.sleep(900).then(() => text)), {
      timeout: 1_000,
      retry: { initialDelay: "10s" },
    });
    const { info } = await updateWith(through);
    expect(info.ok).toBe(true);
    expect(world.library.rows("s")).toEqual([["p0000", { text: "text 0" }]]);
  });

  test("is not tried again where retry is false, and costs other rows nothing", async () => {
    const through = one((text) => (text === "text 1" ? never() : text), { timeout: "1m", retry: false });
    const { info } = await updateWith(through, 3);
    expect(info.sources.pages).toMatchObject({ inserted: 2, failed: 1 });
    expect(info.functions.one).toMatchObject({ calls: 3 });
  });

  test("holds for a call that answers at once, and for one whose late error nobody awaits", async () => {
    const late: Promise<never>[] = [];
    const through = one(
      (text) => {
        if (text === "text 0") return text;
        late.push(clock.sleep(5_000).then(failing(new Error("late"))));
        return late.at(-1)!;
      },
      { timeout: "1s", retry: false },
    );
    const { info } = await updateWith(through, 2);
    expect(info.sources.pages).toMatchObject({ inserted: 1, failed: 1 });
    await expect(late[0]).rejects.toThrow("late");
  });

  test("frees the place among the calls that may run at once", async () => {
    const through = one((text) => (text === "text 0" ? never() : text), {
      timeout: "1s",
      retry: false,
      concurrency: 1,
    });
    const { info } = await updateWith(through, 3);
    expect(info.sources.pages).toMatchObject({ inserted: 2, failed: 1 });
  });
});

describe("retry", () => {
  const busy = Object.assign(new Error("busy"), { status: 503 });

  test("says how often and after what waits", async () => {
    const through = one(failing(busy), {
      retry: { attempts: 6, initialDelay: "1s", factor: 3, maxDelay: "20s", jitter: false },
    });
    const { delays, error, info } = await updateWith(through);
    expect(delays).toEqual([1_000, 3_000, 9_000, 20_000, 20_000]);
    expect(error).toMatchObject({ code: "function-failed", message: "busy" });
    expect(info.functions.one).toMatchObject({ calls: 6, failed: 1 });
  });

  test("takes part of each wait by chance", async () => {
    const { delays } = await updateWith(one(failing(busy), { retry: { initialDelay: "1s" } }));
    expect(delays).toEqual([500, 1_000]);
  });

  test.each([
    ["false", { retry: false }],
    ["one attempt", { retry: { attempts: 1 } }],
  ] as const)("is off with %s", async (_what, limits) => {
    const { info } = await updateWith(one(failing(busy), limits));
    expect(info.functions.one).toMatchObject({ calls: 1 });
  });

  test("is for errors whose cause may pass, or for those that `when` names", async () => {
    const typo = new TypeError("undefined is not a function");
    expect((await updateWith(one(failing(typo), { retry: {} }))).info.functions.one!.calls).toBe(1);
    const asked: unknown[] = [];
    const when = (error: unknown) => asked.push(error) > 0;
    const { info, error } = await updateWith(one(failing(typo), { retry: { attempts: 2, when } }));
    expect(info.functions.one!.calls).toBe(2);
    expect(asked).toEqual([typo]);
    expect(error).toMatchObject({ message: typo.message, cause: typo });
    expect((await updateWith(one(failing(busy), { retry: { when: () => false } }))).delays).toEqual([]);
  });

  test("takes things that are no errors as they are", async () => {
    const through = one(failing({ status: 429, message: "slow down" }), { retry: { attempts: 2 } });
    const { info, error } = await updateWith(through);
    expect(error).toMatchObject({ code: "function-failed", message: "slow down" });
    expect(info.functions.one!.calls).toBe(2);
  });

  test("waits as long as the error asks, and gives up where that is too long", async () => {
    const limited = (seconds: number) =>
      Object.assign(new Error("limit"), { status: 429, headers: { "retry-after": String(seconds) } });
    expect((await updateWith(one(failing(limited(7)), { retry: {} }))).delays).toEqual([7_000, 7_000]);
    const long = await updateWith(one(failing(limited(3_600)), { retry: {} }));
    expect([long.delays, long.tookMs]).toEqual([[], 0]);
  });

  test("ends its waits when the update is stopped", async () => {
    const stop = new AbortController();
    const through = one(
      () => {
        stop.abort();
        throw busy;
      },
      { retry: { attempts: 100, initialDelay: "1h", maxDelay: "1h" } },
    );
    await expect(updateWith(through, 1, stop.signal)).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("a rate limit", () => {
  test("lets only so many calls begin in any span, in this process, and counts every attempt", async () => {
    const began: number[] = [];
    const through = one(
      (text) => {
        began.push(clock.now());
        if (began.length === 2) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
        return text;
      },
      { rateLimit: { calls: 5, per: "1m" }, retry: { initialDelay: 0 } },
    );
    const { info } = await updateWith(through, 12);
    expect(info.ok).toBe(true);
    expect(began).toHaveLength(13);
    for (let i = 5; i < began.length; i++) expect(began[i]! - began[i - 5]!).toBeGreaterThanOrEqual(60_000);
    expect(began.at(-1)! - began[0]!).toBe(120_000);
    const again = world.define("Again", {
      through,
      targets: { Out: world.library.target()({ shelf: "again" }) },
    });
    await again.setup();
    await again.update();
    for (let i = 5; i < began.length; i++) expect(began[i]! - began[i - 5]!).toBeGreaterThanOrEqual(60_000);
  });

  test("counts a batch as one call", async () => {
    const sizes: number[] = [];
    const through = defineFunction({
      name: "one",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      rateLimit: { calls: 1, per: "10s" },
      batching: { maxBatchSize: 4 },
      runBatch: (inputs) => {
        sizes.push(inputs.length);
        return inputs.map(({ text }) => text);
      },
    });
    const { info, tookMs } = await updateWith(through, 12);
    expect(info.ok).toBe(true);
    expect([sizes, tookMs]).toEqual([[4, 4, 4], 20_000]);
  });

  test("holds nobody up for those that were stopped", async () => {
    const stop = new AbortController();
    const through = one((text) => text, { rateLimit: { calls: 1, per: "50s" } });
    const stopped = updateWith(through, 50, stop.signal);
    const refused = expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    void clock.sleep(1).then(() => stop.abort());
    await refused;
    const began = clock.now();
    for (const id of [...world.notebook.pages.keys()].slice(1)) world.notebook.remove(id);
    const next = world.define("Next", {
      through,
      targets: { Out: world.library.target()({ shelf: "next" }) },
    });
    await next.setup();
    expect((await next.update()).ok).toBe(true);
    expect(clock.now() - began).toBeLessThanOrEqual(50_000);
  });
});

describe("a limit on tokens", () => {
  const counted = (used: number | null, limit: number) => {
    const began: number[] = [];
    const through = defineFunction({
      name: "one",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      concurrency: 1,
      tokenLimit: { tokens: limit, per: "1m" },
      countTokens: ({ text }) => text.length,
      batching: { maxBatchSize: 2 },
      runBatch: (inputs, { countUsage }) => {
        began.push(clock.now());
        if (used !== null) countUsage({ inputTokens: used - 1, outputTokens: 1 });
        return inputs.map(({ text }) => text);
      },
    });
    return { through, began };
  };

  test("goes by the estimate of a batch's inputs where the call says nothing", async () => {
    const { through, began } = counted(null, 25); // "text 0" and "text 1" are 12
    const { info, tookMs } = await updateWith(through, 10);
    expect(info.ok).toBe(true);
    expect([began.map((at) => at - began[0]!), tookMs]).toEqual([[0, 0, 60_000, 60_000, 120_000], 120_000]);
  });

  test("and by what the call used where it says so", async () => {
    expect((await updateWith(counted(1, 25).through, 10)).tookMs).toBe(0);
    // Ten new pages, of which the names are longer: five calls, one after the other.
    expect((await updateWith(counted(20, 25).through, 20)).tookMs).toBe(240_000);
  });

  test("wants to know how tokens are counted", () => {
    expect(() => one((text) => text, { tokenLimit: { tokens: 1, per: "1m" } })).toThrow(
      "function one: a tokenLimit needs countTokens",
    );
  });
});

describe("of a batched function", () => {
  const batched = (
    run: (texts: readonly string[]) => string[] | Promise<string[]>,
    limits: CallLimitOptions,
  ) =>
    defineFunction({
      name: "one",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      batching: { maxBatchSize: 64 },
      runBatch: (inputs) => run(inputs.map(({ text }) => text)),
      ...limits,
    });

  test("a service that does not answer is asked a few times, and not once for every half", async () => {
    const { info, error } = await updateWith(batched(never, { timeout: "10s", retry: { attempts: 2 } }), 64);
    expect(error).toMatchObject({ code: "function-timeout" });
    expect(info.sources.pages).toMatchObject({ failed: 64 });
    expect(info.functions.one!.calls).toBe(2 * (1 + 3));
  });

  test("a service that refuses us is asked a few times, and not once for every half", async () => {
    const refusal = Object.assign(new Error("no such key"), { status: 401 });
    const { info, delays, error } = await updateWith(batched(failing(refusal), {}), 64);
    expect(error).toMatchObject({ code: "function-failed", message: "no such key" });
    expect([info.functions.one!.calls, delays]).toEqual([1 + 3, []]);
  });

  test("one input that makes the call hang fails alone", async () => {
    const through = batched((texts) => (texts.includes("text 7") ? never() : [...texts]), {
      timeout: "10s",
      retry: false,
    });
    const { info } = await updateWith(through, 64);
    expect(info.sources.pages).toMatchObject({ inserted: 63, failed: 1 });
    expect(info.failures[0]).toMatchObject({ row: "p0007" });
  });
});

test("limits do not count as code", async () => {
  const run: Run = (text) => text;
  await updateWith(one(run, {}), 3);
  const limits = { timeout: "1m", retry: { attempts: 9 }, rateLimit: { calls: 1, per: 1 } } as const;
  const { info } = await updateWith(one(run, limits), 0);
  expect(info.sources.pages).toMatchObject({ unchanged: 3, reprocessed: 0 });
  expect(info.functions.one!.calls).toBe(0);
});

test.each([
  ["tokenLimit", { tokenLimit: { tokens: 0.5, per: "1m" } }, "function f: tokenLimit.tokens must be a whole"],
  ["tokenLimit", { tokenLimit: { tokens: 1 } }, "function f: tokenLimit.per is no time span: undefined"],
  ["timeout", { timeout: 0 }, "function f: timeout is no time span: 0"],
  ["timeout", { timeout: "soon" }, "function f: timeout is no time span: soon"],
  ["retry", { retry: true }, "function f: retry must be an object with"],
  ["retry", { retry: { attemps: 2 } }, "function f: retry has no option attemps"],
  ["retry", { retry: { attempts: 0 } }, "function f: retry.attempts must be a whole number above 0, not 0"],
  ["retry", { retry: { factor: 0.5 } }, "function f: retry.factor must be a number of at least 1, not 0.5"],
  ["retry", { retry: { jitter: 1 } }, "function f: retry.jitter must be true or false, not 1"],
  ["retry", { retry: { when: "429" } }, "function f: retry.when must be a function, not 429"],
  ["retry", { retry: { maxDelay: -1 } }, "function f: retry.maxDelay is no time span: -1"],
  [
    "rateLimit",
    { rateLimit: { calls: 1.5, per: "1s" } },
    "function f: rateLimit.calls must be a whole number",
  ],
  ["rateLimit", { rateLimit: { calls: 1, per: 0 } }, "function f: rateLimit.per is no time span: 0"],
  ["rateLimit", { rateLimit: { calls: 1 } }, "function f: rateLimit.per is no time span: undefined"],
  ["rateLimit", { rateLimit: 5 }, "function f: rateLimit must be an object with calls, per, not 5"],
])("%s is checked when the function is defined: %j", (_option, limits, message) => {
  const define = () =>
    defineFunction({
      name: "f",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      run: ({ text }) => text,
      ...(limits as CallLimitOptions),
    });
  expect(define).toThrow(expect.objectContaining({ code: "option-invalid" }));
  expect(define).toThrow(message);
});
