import { describe, expect, test } from "vitest";
import type { Flow, QueryHandler } from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** As JavaScript may call it. */
function addLoosely(flow: Flow, handler: unknown): void {
  flow.addQueryHandler(handler as QueryHandler<object>);
}

describe("a query handler", () => {
  test("answers with rows alone, or with what it searched with too", async () => {
    const flow = world.define("Docs");
    flow.addQueryHandler({
      name: "rows",
      handler: (query, { limit }) => [1, 2, 3].map((n) => ({ query, n, limit })),
      resultFields: { score: "n" },
    });
    flow.addQueryHandler({
      name: "more",
      handler: async (query) => ({ results: [{ query }], queryInfo: { similarityMetric: "cosine" } }),
    });
    expect(await flow.query("rows", "x", { limit: 2 })).toEqual({
      handler: "rows",
      query: "x",
      results: [
        { query: "x", n: 1, limit: 2 },
        { query: "x", n: 2, limit: 2 },
      ],
      resultFields: { score: "n" },
      queryInfo: null,
    });
    expect((await flow.query("rows", "x")).results).toHaveLength(3);
    expect(await flow.query("more", "y")).toMatchObject({
      results: [{ query: "y" }],
      queryInfo: { similarityMetric: "cosine" },
    });
    expect(flow.queryHandlers).toEqual([
      { name: "rows", resultFields: { score: "n" } },
      { name: "more", resultFields: {} },
    ]);
  });

  test("changes nothing of what its flow keeps", async () => {
    world.write(3);
    const flow = world.define("Docs");
    await flow.setup();
    await flow.update();
    flow.addQueryHandler({ name: "search", handler: () => [] });
    expect(await flow.setupStatus()).toBe("ready");
    expect((await flow.update()).sources.pages).toMatchObject({ unchanged: 3, reprocessed: 0 });
  });

  test("is refused with a name that is taken or none, without a handler, or with options that there are not", () => {
    const flow = world.define("Docs");
    const handler = () => [];
    flow.addQueryHandler({ name: "search", handler });
    const refusals: [unknown, string, string][] = [
      [{ name: "search", handler }, "name-duplicate", "there are two query handlers of the name search"],
      [{ name: "no spaces", handler }, "name-invalid", 'a query handler has the name "no spaces"'],
      [{ name: "a" }, "option-invalid", "query handler a has no handler"],
      [
        { name: "a", handler, resultField: {} },
        "option-invalid",
        "query handler a has no option resultField",
      ],
      [
        { name: "a", handler, resultFields: { scores: "s" } },
        "option-invalid",
        "query handler a knows no result field scores",
      ],
      [
        { name: "a", handler, resultFields: { score: 1 } },
        "option-invalid",
        "query handler a takes the name of a field for score",
      ],
      [
        { name: "a", handler, resultFields: "score" },
        "option-invalid",
        "query handler a takes an object for resultFields",
      ],
      [null, "option-invalid", "addQueryHandler was given no object"],
    ];
    for (const [given, code, message] of refusals) {
      expect(() => addLoosely(flow, given)).toThrow(expect.objectContaining({ code, message }));
    }
    expect(flow.queryHandlers).toHaveLength(1);
  });

  test("that throws, or returns what is no answer, fails the query and says which it was", async () => {
    const flow = world.define("Docs");
    const answers: [name: string, answer: () => unknown, message: string][] = [
      [
        "throws",
        () => {
          throw new Error("down");
        },
        "down",
      ],
      ["nothing", () => undefined, "query handler nothing returned no results"],
      ["text", async () => ({ results: "none" }), "query handler text returned no results"],
      ["numbers", async () => [{}, 1], "query handler numbers returned no object for result 2"],
    ];
    for (const [name, handler, message] of answers) {
      addLoosely(flow, { name, handler });
      const where = { flow: "Docs", step: name };
      await expect(flow.query(name, "x")).rejects.toMatchObject({ code: "query-failed", message, where });
    }
    await expect(flow.query("serach", "x")).rejects.toMatchObject({
      code: "query-handler-missing",
      hint: "It has throws, nothing, text and numbers.",
    });
    await expect(flow.query("text", "x", { limit: 0 })).rejects.toMatchObject({ code: "option-invalid" });
  });

  test("is given up when the signal aborts, whether or not it listens", async () => {
    const flow = world.define("Docs");
    const stop = new AbortController();
    let told = 0;
    flow.addQueryHandler({
      name: "deaf",
      handler(_query, { signal }) {
        signal.addEventListener("abort", () => told++);
        stop.abort();
        return new Promise<never[]>(() => {});
      },
    });
    const asked = () => flow.query("deaf", "x", { signal: stop.signal });
    await expect(asked()).rejects.toMatchObject({ code: "interrupted" });
    await expect(asked()).rejects.toMatchObject({ code: "interrupted" });
    expect(told).toBe(1);
    flow.close();
    await expect(flow.query("deaf", "x")).rejects.toMatchObject({ code: "flow-closed" });
  });
});
