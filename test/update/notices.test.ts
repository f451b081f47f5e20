import { expect, test } from "vitest";
import { z } from "zod";
import { defineFunction, type EngineEvent, type FunctionContext } from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

function shout(tell: (context: FunctionContext, text: string) => void, cache = false) {
  return defineFunction({
    name: "shout",
    version: 1,
    cache,
    input: { text: z.string() },
    output: z.string(),
    run({ text }, context) {
      tell(context, text);
      return text.toUpperCase();
    },
  });
}

test("a notice is told once an update, with what it is about, and fails nothing", async () => {
  const flow = world.define("Notices", {
    through: shout((context, text) => {
      context.notice("it is loud");
      context.notice(`it is ${text === "text 2" ? "very" : "rather"} loud`);
    }),
  });
  world.write(5);
  await flow.setup();
  const events: EngineEvent[] = [];
  const info = await flow.update({ report: (event) => events.push(event) });
  const expected = ["it is loud", "it is rather loud", "it is very loud"].map((message) => ({
    about: "function shout",
    message,
  }));
  expect(info).toMatchObject({ ok: true, notices: expected });
  expect(events.filter(({ kind }) => kind === "notice")).toEqual(
    expected.map((notice) => ({ kind: "notice", ...notice })),
  );
  expect((await flow.update()).notices).toEqual([]);
  expect((await flow.update({ fullReprocess: true })).notices).toEqual(expected);
});

test("an update's info has the first hundred", async () => {
  const flow = world.define("Notices", { through: shout((context, text) => context.notice(`of ${text}`)) });
  world.write(130);
  await flow.setup();
  let told = 0;
  const info = await flow.update({ report: ({ kind }) => (told += kind === "notice" ? 1 : 0) });
  expect(info.notices).toHaveLength(100);
  expect(told).toBe(130);
});

test("tokens are the sum of what calls cost; what comes from the cache costs nothing", async () => {
  const flow = world.define("Tokens", {
    through: shout((context, text) => {
      context.countUsage({ inputTokens: text.length });
      context.countUsage({ inputTokens: 1, outputTokens: 2 });
    }, true),
  });
  world.write(3);
  await flow.setup();
  const first = await flow.update();
  expect(first.functions.shout).toMatchObject({ computed: 3, inputTokens: 3 * 7, outputTokens: 6 });
  world.notebook.write("p0003", "text 0");
  const second = await flow.update();
  expect(second.functions.shout).toEqual({ computed: 0, calls: 0, memoHits: 1, failed: 0 });
});
