import { APICallError } from "ai";
import { MockEmbeddingModelV3, MockLanguageModelV3 } from "ai/test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { aiSdkModel, embedText, extractByLlm } from "../../src/functions/index.ts";
import { type EngineEvent, isSluiceError } from "../../src/index.ts";
import { flowThrough, type OfText } from "../worlds/flow-through.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
afterEach(() => vi.restoreAllMocks());

async function update(use: OfText) {
  world.closeFlows();
  const flow = flowThrough(world, { made: use });
  await flow.setup();
  const events: EngineEvent[] = [];
  const info = await flow.update({ report: (event) => events.push(event) });
  return { info, events, error: info.failures[0]?.error, calls: Object.values(info.functions)[0] };
}

const made = () => world.library.rows("s").map(([, value]) => (value as { made: unknown }).made);

type Embed = Parameters<MockEmbeddingModelV3["doEmbed"]>[0];

describe("an embedding model of the AI SDK", () => {
  const embedder = (asked: Embed[] = [], provider = "acme.embedding", fail: () => void = () => {}) =>
    new MockEmbeddingModelV3({
      provider,
      modelId: "small",
      maxEmbeddingsPerCall: 3,
      async doEmbed(options) {
        asked.push(options);
        fail();
        const embeddings = options.values.map((text) => [text.length, 1]);
        return { embeddings, usage: { tokens: 7 }, warnings: [{ type: "other", message: "be quick" }] };
      },
    });

  test("embeds, in calls of as many as it takes, with its tokens and its warnings told and not printed", async () => {
    const printed = [vi.spyOn(console, "warn"), vi.spyOn(console, "info")];
    world.write(4);
    const asked: Embed[] = [];
    const model = aiSdkModel(embedder(asked), { providerOptions: { acme: { size: 2 } } });
    const { info, events, calls } = await update(embedText({ model, dimension: 2 }));
    expect(info.ok).toBe(true);
    expect(made()).toEqual(Array(4).fill(Float32Array.of(6, 1)));
    expect(asked.map(({ values }) => values.length)).toEqual([3, 1]);
    expect(asked[0]!.providerOptions).toEqual({ acme: { size: 2 } });
    expect(calls).toMatchObject({ calls: 1, inputTokens: 14 });
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "notice", message: "the AI SDK warns: other: be quick" }),
    );
    for (const print of printed) expect(print).not.toHaveBeenCalled();
    expect(globalThis).not.toHaveProperty("AI_SDK_LOG_WARNINGS");
  });

  test("is known by provider, name and options, whatever its interface's version", async () => {
    world.write(1);
    await update(embedText({ model: embedder(), dimension: 2 }));
    const calls = async (model: Parameters<typeof embedText>[0]["model"]) =>
      (await update(embedText({ model, dimension: 2 }))).calls!.calls;
    const old = {
      specificationVersion: "v2",
      provider: "acme.embedding",
      modelId: "small",
      doEmbed: () => Promise.reject(new Error("is not to be asked")),
    };
    expect(await calls(old)).toBe(0);
    expect(await calls(aiSdkModel(embedder(), { providerOptions: { acme: { size: 2 } } }))).toBe(1);
    expect(await calls(embedder([], "other.embedding"))).toBe(1);
  });

  test("is asked again by the engine alone, after as long as its service says", async () => {
    world.write(1);
    const asked: Embed[] = [];
    const busy = () => {
      if (asked.length > 1) return;
      throw new APICallError({
        message: "slow down",
        url: "https://acme.test",
        requestBodyValues: {},
        statusCode: 429,
        responseHeaders: { "retry-after": "9" },
      });
    };
    const { info, events } = await update(embedText({ model: embedder(asked, "acme", busy), dimension: 2 }));
    expect(info.ok).toBe(true);
    expect(events.flatMap((event) => (event.kind === "retrying" ? [event.delayMs] : []))).toEqual([9_000]);
    expect(asked).toHaveLength(2);
  });

  test("that fails says which it is", async () => {
    world.write(1);
    const fail = () => {
      throw new Error("no such luck");
    };
    const { error } = await update(embedText({ model: embedder([], "acme", fail), dimension: 2 }));
    expect(error).toMatchObject({ code: "model-failed", message: "model acme small: no such luck" });
    expect(isSluiceError(error)).toBe(true);
  });
});

describe("a language model of the AI SDK", () => {
  const reader = (answers: readonly string[]) =>
    new MockLanguageModelV3({
      provider: "acme.chat",
      modelId: "reader",
      doGenerate: async () => ({
        content: [{ type: "text", text: answers[Math.min(asked++, answers.length - 1)]! }],
        finishReason: { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { total: 5, noCache: 5, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 2, text: 2, reasoning: 0 },
        },
        warnings: [],
      }),
    });
  let asked = 0;
  const output = z.object({ name: z.string(), born: z.iso.date().nullable() });

  test("extracts, is asked again with the reason, and its tokens are counted", async () => {
    asked = 0;
    world.notebook.write("a", "Ada");
    const model = reader(["no idea", '{"name":1}', '{"name":"Ada","born":"1815-12-10"}']);
    const use = extractByLlm({ model, instruction: "Who?", output });
    const { info, calls } = await update(use);
    expect(info.ok).toBe(true);
    expect(made()).toEqual([{ name: "Ada", born: "1815-12-10" }]);
    expect(calls).toMatchObject({ calls: 1, inputTokens: 15, outputTokens: 6 });
    const [first, , third] = model.doGenerateCalls;
    expect(first).toMatchObject({
      temperature: 0,
      responseFormat: { type: "json", schema: { type: "object" } },
    });
    expect(first!.prompt[0]).toMatchObject({ role: "system", content: expect.stringMatching(/^Who\?/) });
    expect(third!.prompt.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
  });

  test("that never fits fails the row", async () => {
    asked = 0;
    world.notebook.write("a", "Ada");
    const { error } = await update(extractByLlm({ model: reader(["{}"]), instruction: "Who?", output }));
    expect(error).toMatchObject({ code: "extraction-invalid" });
    expect(asked).toBe(3);
  });
});
