import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeFlow } from "../../src/app/describe-flow.ts";
import { aiSdkModel, type EmbedTextOptions, embedText, openAiCompatible } from "../../src/functions/index.ts";
import { configure, type EngineEvent, env, type Flow } from "../../src/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { makeTemporaryTree } from "../support/temporary-tree.ts";
import { flowThrough } from "../worlds/flow-through.ts";
import { LeapingClock } from "../worlds/leaping-clock.ts";
import { ModelServer } from "../worlds/model-server.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
  configure({ random: { next: () => 0 } });
});
afterEach(() => server.stop());

type Options = Partial<EmbedTextOptions>;

const model = (options: Partial<Parameters<typeof openAiCompatible>[0]> = {}) =>
  openAiCompatible({ url: server.url, model: "small", ...options });

/** An update of a flow that is defined anew, with a vector of each page. */
async function update(options: Options = {}) {
  return updateWith({ vector: embedText({ model: model(), dimension: 4, ...options }) });
}

async function updateWith(fields: Parameters<typeof flowThrough>[1]) {
  world.closeFlows();
  const flow = flowThrough(world, fields);
  await flow.setup();
  return follow(flow);
}

async function follow(flow: Flow) {
  const events: EngineEvent[] = [];
  const info = await flow.update({ report: (event) => events.push(event) });
  const delays = events.flatMap((event) => (event.kind === "retrying" ? [event.delayMs] : []));
  return { info, events, delays, error: info.failures[0]?.error, calls: info.functions.embedText };
}

const vectors = () => world.library.rows("s").map(([, value]) => [...(value as { vector: number[] }).vector]);
const sizes = () => server.embeddings.map(({ input }) => input.length);

describe("embedText", () => {
  test("embeds texts of many rows in full batches, each vector with its text, and counts tokens", async () => {
    world.write(150);
    const { info, calls } = await update();
    expect(info.ok).toBe(true);
    expect(sizes().sort((a, b) => b - a)).toEqual([64, 64, 22]);
    const texts = [...world.notebook.pages.values()].map(({ text }) => text);
    expect(vectors()).toEqual(texts.map((text) => server.vectorOf(text)));
    const tokens = texts.join("").length;
    expect(calls).toMatchObject({ computed: 150, calls: 3, failed: 0, inputTokens: tokens });
    expect(server.embeddings[0]).toEqual({ model: "small", input: expect.anything() });
  });

  test("asks for nothing that it has asked for: not of another row, not in another update", async () => {
    world.write(5);
    await update();
    world.notebook.write("again", "text 3");
    const { calls } = await update();
    expect(calls).toMatchObject({ calls: 0, memoHits: 1 });
    expect(server.requests).toBe(1);
  });

  test("with another model, dimension or prefix it embeds again", async () => {
    world.write(2);
    const isNew = async (options: Options) => {
      const before = server.requests;
      await update(options);
      return server.requests > before;
    };
    expect(await isNew({})).toBe(true);
    expect(await isNew({ model: model({ model: "large" }) })).toBe(true);
    expect(await isNew({ prefix: "query: " })).toBe(true);
    expect(server.embeddings.at(-1)!.input).toEqual(["query: text 0", "query: text 1"]);
    expect(await isNew({ model: model({ parameters: { user: "me" } }) })).toBe(true);
    server.dimension = 5;
    expect(await isNew({ dimension: 5 })).toBe(true);
    expect(await isNew({ dimension: 5, model: model({ id: "mine" }) })).toBe(true);
  });

  test("with other limits, another place, key or header it embeds nothing again", async () => {
    world.write(2);
    await update();
    const limits: Options[] = [
      { maxBatchSize: 1 },
      { concurrency: 1, timeout: "9m", retry: false },
      { rateLimit: { calls: 1, per: "1s" }, tokenLimit: { tokens: 1, per: "1s" } },
      { model: model({ url: "http://127.0.0.1:1/v2", apiKey: "k", headers: { "x-y": "z" } }) },
      { model: model({ dimensions: true, jsonMode: "none" }) },
    ];
    for (const options of limits) {
      const { info, calls } = await update(options);
      expect(info.sources.pages).toMatchObject({ unchanged: 2, reprocessed: 0 });
      expect(calls).toMatchObject({ calls: 0 });
    }
  });

  test("two models in one flow have each their own vectors and batches", async () => {
    world.write(3);
    const { info } = await updateWith({
      vector: embedText({ model: model(), dimension: 4 }),
      other: embedText({ model: model({ model: "wide", dimensions: true }), dimension: 6 }),
    });
    expect(info.ok).toBe(true);
    expect(new Set(server.embeddings.map(({ model, dimensions }) => `${model} ${dimensions}`))).toEqual(
      new Set(["small undefined", "wide 6"]),
    );
    const [, value] = world.library.rows("s")[0]!;
    expect(value).toEqual({
      vector: Float32Array.from(server.vectorOf("text 0")),
      other: Float32Array.from(server.vectorOf("text 0", 6)),
    });
  });

  test("uses with other limits in one flow need another name", async () => {
    const limited = (options: Options) => embedText({ model: model(), dimension: 4, ...options });
    const fields = { a: limited({}), b: limited({ concurrency: 1 }) };
    expect(() => flowThrough(world, fields)).toThrow("two functions are named embedText");
    world.write(1);
    const { info } = await updateWith({ ...fields, b: limited({ concurrency: 1, name: "embedSlowly" }) });
    expect(Object.keys(info.functions)).toEqual(["embedText", "embedSlowly"]);
  });

  test("limits tokens by estimate and by what the model says", async () => {
    const clock = new LeapingClock();
    configure({ clock });
    world.write(6);
    const own = {
      name: "own",
      toJSON: () => ({ own: true }),
      embed: async (texts: readonly string[]) => ({
        vectors: texts.map(() => [1, 2, 3, 4]),
        inputTokens: 10 * texts.length,
      }),
    };
    const began = clock.now();
    const tokenLimit = { tokens: 11, per: "10s" } as const;
    const { info, calls } = await update({ model: own, maxBatchSize: 1, concurrency: 1, tokenLimit });
    expect(info.ok).toBe(true);
    expect([calls?.inputTokens, clock.now() - began]).toEqual([60, 50_000]);
  });
});

describe("a server that fails", () => {
  const limited = { kind: "status", status: 429, headers: { "retry-after": "7" } } as const;

  test("with 429 is asked again after as long as it says", async () => {
    world.write(1);
    server.faults.push(limited, limited);
    const { info, delays, calls } = await update();
    expect(info.ok).toBe(true);
    expect([delays, calls?.calls]).toEqual([[7_000, 7_000], 3]);
  });

  test.each([
    ["500", { kind: "status", status: 500 }],
    ["a reset connection", { kind: "reset" }],
  ] as const)("with %s is asked again", async (_what, fault) => {
    world.write(2);
    server.faults.push(fault);
    const { info, delays } = await update();
    expect(info.ok).toBe(true);
    expect(delays).toEqual([500]);
  });

  test("by an empty account is not asked again", async () => {
    world.write(1);
    const body = { error: { message: "You exceeded your quota", code: "insufficient_quota" } };
    server.faults.push({ kind: "status", status: 429, body });
    const { error, calls } = await update();
    expect(error?.message).toContain("answered 429: You exceeded your quota");
    expect(calls?.calls).toBe(1);
  });

  test("is given up where it does not answer in time, and told so", async () => {
    world.write(1);
    server.faults.push({ kind: "hang" }, { kind: "hang" });
    const { error } = await update({ timeout: "1s", retry: { attempts: 2 } });
    expect(error).toMatchObject({ code: "function-timeout", where: { step: "embedText", row: "p0000" } });
    await expect.poll(() => server.leftWaiting).toBe(2);
  });

  test("to come up is said with its address and why, and the next update makes up for it", async () => {
    world.write(1);
    const { error } = await update({ model: model({ url: "http://127.0.0.1:1/v1" }), retry: false });
    expect(error).toMatchObject({
      code: "model-failed",
      exitCode: 1,
      message: expect.stringMatching(
        /^model small at http:\/\/127.0.0.1:1\/v1\/embeddings was not reached: /,
      ),
    });
    expect((await update()).info).toMatchObject({ ok: true });
  });

  test.each([
    [404, "v2", "Unknown path /v2/embeddings", "usually ends in /v1"],
    [401, "v1", "Incorrect API key provided: undefined", "apiKey"],
  ])("with %i fails its row with what it says, and is not asked again", async (status, base, said, hint) => {
    server.apiKey = "the key";
    world.write(1);
    const url = server.url.replace(/v1$/, base);
    const { error, calls } = await update({ model: model({ url }) });
    expect(error).toMatchObject({
      code: "model-failed",
      message: `model small at ${url}/embeddings answered ${status}: ${said}`,
      hint: expect.stringContaining(hint),
    });
    expect(calls).toMatchObject({ calls: 1, failed: 1 });
  });

  test("with what is no JSON, or no embeddings, fails its row", async () => {
    world.write(1);
    server.faults.push({ kind: "text", text: "<html>Welcome</html>" });
    expect((await update()).error).toMatchObject({
      code: "model-answer-invalid",
      message: `model small at ${server.url}/embeddings answered no JSON: <html>Welcome</html>`,
    });
    server.faults.push({ kind: "text", text: '{"ok":true}' });
    expect((await update()).error?.message).toMatch(/^model small answered no embeddings: at data /);
  });
});

describe("one text that is to blame", () => {
  test("fails alone when the server refuses it, and with it the batch", async () => {
    world.write(20);
    world.notebook.write("p0013", "this is poison");
    server.poison = "poison";
    const { info, error } = await update();
    expect(info.sources.pages).toMatchObject({ inserted: 19, failed: 1 });
    expect(error).toMatchObject({
      code: "model-failed",
      message: `model small at ${server.url}/embeddings answered 400: cannot embed that`,
      where: { row: "p0013" },
    });
  });

  test("is none where the batch is too large: it is halved until the server takes it", async () => {
    world.write(20);
    server.maxInputs = 6;
    const { info } = await update();
    expect(info.ok).toBe(true);
    expect(sizes()).toEqual([20, 10, 5, 5, 10, 5, 5]);
  });

  test("fails alone when its vector has NaN in it, without another call", async () => {
    world.write(5);
    server.faults.push({
      kind: "changed",
      change: (answer) => {
        answer.data.find(({ index }) => index === 2)!.embedding[1] = null;
        return answer;
      },
    });
    const { info, error } = await update();
    expect(info.sources.pages).toMatchObject({ inserted: 4, failed: 1 });
    expect(error).toMatchObject({
      code: "model-answer-invalid",
      message: "model small gave a vector with NaN in it, at 1",
      where: { row: "p0002" },
    });
    expect(server.requests).toBe(1);
    expect((await update()).info.sources.pages).toMatchObject({ inserted: 1, unchanged: 4 });
  });
});

test("vectors of another dimension fail every row, with one call and a hint", async () => {
  world.write(10);
  const { info, error } = await update({ dimension: 3 });
  expect(info.sources.pages).toMatchObject({ failed: 10 });
  expect(error).toMatchObject({
    code: "model-answer-invalid",
    message: "model small gave a vector of 4 numbers, and not of 3",
    hint: "Say dimension: 4, or choose a model whose vectors have 3 numbers.",
  });
  expect(server.requests).toBe(1);
});

test("another number of vectors than of texts is an error that says both", async () => {
  world.write(1);
  server.faults.push({ kind: "changed", change: (answer) => ({ ...answer, data: [] }) });
  expect((await update()).error?.message).toBe("model small gave 0 vectors for 1 texts");
});

describe("secrets", () => {
  const key = "sk-a-key-that-nobody-may-see";
  const other = "another-secret-header-value";

  test("go to the server, and nowhere else", async () => {
    server.apiKey = key;
    process.env.MODEL_KEY = key;
    const directory = makeTemporaryTree().path;
    const store = await openLmdbStore({ directory });
    try {
      configure({ store });
      world.write(3);
      const headers = { "x-tenant": other };
      const url = server.url;
      // Refused, so that there are failures to store; the server repeats what it was sent.
      const refused = await update({ model: model({ apiKey: `${key}-not`, headers }) });
      const failed = await update({ model: model({ url: `${url}x`, apiKey: key, headers }) });
      const { info, events } = await update({ model: model({ apiKey: env("MODEL_KEY"), headers }) });
      expect(info.ok).toBe(true);
      expect(server.headers.at(-1)).toMatchObject({ authorization: `Bearer ${key}`, "x-tenant": other });
      const flow = flowThrough(
        world,
        { v: embedText({ model: model({ apiKey: key, headers }), dimension: 4 }) },
        "Shown",
      );
      const shown = JSON.stringify([events, refused, failed, describeFlow(flow)]);
      expect(refused.error?.message).toContain("answered 401: Incorrect API key provided: Bearer …");
      await store.close();
      const stored = readFileSync(join(directory, "store.mdb")).toString("latin1");
      expect(stored).toContain("p0001");
      for (const secret of [key, other]) {
        expect(shown).not.toContain(secret);
        expect(stored).not.toContain(secret);
      }
    } finally {
      delete process.env.MODEL_KEY;
      await store.close();
    }
  });

  test("in the url go as a header", async () => {
    world.write(1);
    const url = server.url.replace("http://", "http://ada:pass%20word@");
    const { error } = await update({ model: model({ url: `${url}?api-version=1` }) });
    expect(server.headers[0]!.authorization).toBe(`Basic ${Buffer.from("ada:pass word").toString("base64")}`);
    expect(error?.message).toContain(`${server.url}/embeddings answered 401`);
    expect(error?.message).not.toMatch(/pass/);
  });

  test("that are not there are said by name", async () => {
    world.write(1);
    const updating = update({ model: model({ apiKey: env("NO_SUCH_KEY") }) });
    await expect(updating).rejects.toMatchObject({ code: "secret-missing", where: { row: "p0000" } });
  });
});

test.each([
  [{ dimension: 0 }, "function embedText was given an unfit spec: dimension"],
  [{ dimention: 4 }, "embedText has no option dimention"],
  [{ model: {} }, "the model is no embedding model"],
  [{ model: "text-embedding-3-small" }, "the model is no embedding model"],
  [{ maxBatchSize: 0 }, "function embedText: batching.maxBatchSize must be a whole number above 0"],
] as const)("%o is refused when it is used", (options, message) => {
  const wrong = { model: model(), dimension: 4, ...options } as never;
  expect(() => embedText(wrong)).toThrow(message);
});

test.each([
  [{ url: "localhost:11434" }, "openAiCompatible was given an unfit spec: url: must be a URL"],
  [{ apiKey: 5 }, 'apiKey: must be text, or env("NAME")'],
  [{ modle: "x" }, "modle"],
])("openAiCompatible(%o) is refused", (options, message) => {
  expect(() => model(options as never)).toThrow(message);
});

test("aiSdkModel refuses what is no model", () => {
  expect(() => aiSdkModel({} as never)).toThrow("no model of the AI SDK");
});
