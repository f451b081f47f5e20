import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { ValueSchema } from "../../src/contracts/schema.ts";
import { type ExtractByLlmOptions, extractByLlm, openAiCompatible } from "../../src/functions/index.ts";
import { bytes, date, int64, json, offsetDateTime, range, table, uuid } from "../../src/index.ts";
import { flowThrough } from "../worlds/flow-through.ts";
import { ModelServer } from "../worlds/model-server.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(() => server.stop());

const person = z.object({ name: z.string().describe("as it is written"), age: z.int().optional() });

type Options = Partial<ExtractByLlmOptions<ValueSchema>>;

const model = (options: Partial<Parameters<typeof openAiCompatible>[0]> = {}) =>
  openAiCompatible({ url: server.url, model: "reader", ...options });

async function update(options: Options = {}) {
  world.closeFlows();
  const read = extractByLlm({ model: model(), instruction: "Who is it?", output: person, ...options });
  const flow = flowThrough(world, { read });
  await flow.setup();
  const info = await flow.update();
  return { info, error: info.failures[0]?.error, calls: info.functions.extractByLlm };
}

const found = () => world.library.rows("s").map(([, value]) => (value as { read: unknown }).read);
const asJson = (value: unknown) => () => JSON.stringify(value);

describe("extractByLlm", () => {
  test("asks with the text, the instruction and the schema, and counts tokens", async () => {
    world.notebook.write("a", "Ada is here.");
    server.answerTo = asJson({ name: "Ada", age: null });
    const { calls } = await update();
    expect(found()).toEqual([{ name: "Ada" }]);
    expect(calls).toMatchObject({ calls: 1, inputTokens: 10, outputTokens: 3 });
    const [asked] = server.chats;
    expect(asked).toMatchObject({ model: "reader", temperature: 0 });
    expect(asked!.messages[0]!.content).toMatch(/^Who is it\?\n\n/);
    expect(asked!.messages[1]).toEqual({ role: "user", content: "Ada is here." });
    expect(asked!.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "answer",
        strict: true,
        schema: {
          type: "object",
          properties: {
            name: { type: "string", description: "as it is written" },
            age: { anyOf: [{ type: "integer" }, { type: "null" }] },
          },
          required: ["name", "age"],
          additionalProperties: false,
        },
      },
    });
  });

  test("asks again with the reason where the answer does not fit, and counts all tokens", async () => {
    world.notebook.write("a", "Ada, 36");
    const answers = [
      "Surely! Her name is Ada.",
      '{"name":"Ada","age":"36 years"}',
      '{"name":"Ada","age":36}',
    ];
    server.answerTo = () => answers[server.chats.length - 1]!;
    const { calls } = await update();
    expect(found()).toEqual([{ name: "Ada", age: 36 }]);
    expect(calls).toMatchObject({ calls: 1, inputTokens: 30, outputTokens: 9 });
    const said = server.chats[2]!.messages.map(({ role, content }) => `${role}: ${content}`);
    expect(said.slice(2)).toEqual([
      `assistant: ${answers[0]}`,
      expect.stringMatching(/^user: .*it is no JSON/),
      `assistant: ${answers[1]}`,
      expect.stringMatching(/^user: .*age: .*expected number/),
    ]);
  });

  test("fails the row when no answer fits, and says what was wrong, cut short", async () => {
    world.notebook.write("a", "Ada");
    world.notebook.write("b", "Bob");
    const long = `{"name": 5, "more": "${"x".repeat(1_000)}"}`;
    server.answerTo = ({ messages }) => (messages[1]!.content === "Ada" ? long : '{"name":"Bob"}');
    const { info, error } = await update();
    expect(info.sources.pages).toMatchObject({ inserted: 1, failed: 1 });
    expect(error).toMatchObject({
      code: "extraction-invalid",
      where: { row: "a", step: "extractByLlm" },
      message: expect.stringMatching(
        /reader was asked 3 times and gave no answer that fits: name: .*string.*x…$/,
      ),
    });
    expect(error!.message.length).toBeLessThan(700);
    server.chats.length = 0;
    expect((await update({ answers: 1 })).error?.message).toContain("was asked once");
    expect(server.chats).toHaveLength(1);
  });

  test("tells a refusal and an answer that was cut", async () => {
    world.notebook.write("a", "Ada");
    server.answerTo = () => ({ refusal: "I would rather not" });
    expect((await update({ answers: 1 })).error?.message).toContain("it refused: I would rather not");
    server.answerTo = () => '{"name":"A';
    server.finishReason = "length";
    expect((await update({ answers: 1 })).error?.message).toContain("it is no JSON (length)");
  });

  test("reads once: with another instruction, model, schema, temperature or version again, with limits not", async () => {
    world.notebook.write("a", "Ada");
    server.answerTo = asJson({ name: "Ada" });
    const isNew = async (options: Options) => {
      const before = server.chats.length;
      await update(options);
      return server.chats.length > before;
    };
    expect(await isNew({})).toBe(true);
    const limits = { answers: 9, concurrency: 1, timeout: "1h", retry: false } as const;
    expect(await isNew(limits)).toBe(false);
    expect(await isNew({ model: model({ url: "http://127.0.0.1:1/v1", jsonMode: "none" }) })).toBe(false);
    expect(await isNew({ instruction: "What is it?" })).toBe(true);
    expect(await isNew({ model: model({ model: "other" }) })).toBe(true);
    expect(await isNew({ output: person.extend({ name: z.string().describe("in capitals") }) })).toBe(true);
    expect(await isNew({ temperature: 0.5 })).toBe(true);
    expect(await isNew({ version: 2 })).toBe(true);
    expect(await isNew({ version: 2 })).toBe(false);
  });

  test.each(["object", "none"] as const)(
    "in JSON mode %s tells the model the schema in words",
    async (jsonMode) => {
      world.notebook.write("a", "Ada");
      server.answerTo = () =>
        '<think>{"name":?}</think>Here it is:\n```json\n{"name":"Ada"}\n```\nAnything else?';
      expect((await update({ model: model({ jsonMode }), temperature: null })).info.ok).toBe(true);
      expect(found()).toEqual([{ name: "Ada" }]);
      const [asked] = server.chats;
      expect(asked!.messages[0]!.content).toContain('"description":"as it is written"');
      expect(asked!.response_format).toEqual(jsonMode === "none" ? undefined : { type: "json_object" });
      expect(asked).not.toHaveProperty("temperature");
    },
  );

  test("is asked again by the engine when the server is busy", async () => {
    world.notebook.write("a", "Ada");
    server.answerTo = asJson({ name: "Ada" });
    server.faults.push({ kind: "status", status: 503 });
    const { info, calls } = await update();
    expect([info.ok, calls?.calls]).toEqual([true, 2]);
  });
});

describe("what it yields", () => {
  const yields = async (output: ValueSchema, answer: unknown) => {
    world.notebook.write("a", JSON.stringify(answer));
    server.answerTo = asJson(answer);
    const { error } = await update({ output, answers: 1 });
    if (error) throw error;
    return found()[0];
  };

  test("has every type that a model can write", async () => {
    const output = z.object({
      kind: z.enum(["invoice", "letter"]),
      due: date().nullable(),
      paid: date().nullable(),
      sent: offsetDateTime(),
      id: uuid(),
      cents: int64(),
      big: z.bigint(),
      where: range(),
      tags: z.array(z.string()),
      lines: z.array(
        z.object({ what: z.string(), amount: z.number().nullable(), note: z.string().optional() }),
      ),
      people: table(z.object({ name: z.string() }), { key: ["name"] }),
      inner: z.object({ deep: z.object({ yes: z.boolean() }) }),
      currency: z.string().default("EUR"),
    });
    const answer = {
      kind: "letter",
      due: "2026-02-28",
      paid: null,
      sent: "2026-02-28T10:00:00+01:00",
      id: "0190C0DE-0000-7000-8000-000000000000",
      cents: 12_345,
      big: "9007199254740993",
      where: [3, 9],
      tags: [],
      lines: [{ what: "a", amount: null, note: null }],
      people: [{ name: "Ada" }],
      inner: { deep: { yes: true } },
      currency: null,
    };
    expect(await yields(output, answer)).toEqual({
      ...answer,
      id: answer.id.toLowerCase(),
      cents: 12_345n,
      big: 9_007_199_254_740_993n,
      lines: [{ what: "a", amount: null }],
      currency: "EUR",
    });
    const { response_format } = server.chats[0]! as never as {
      response_format: { json_schema: { strict: boolean; schema: { properties: Record<string, unknown> } } };
    };
    expect(response_format.json_schema.strict).toBe(true);
    expect(response_format.json_schema.schema.properties).toMatchObject({
      due: { anyOf: [{ type: "string", format: "date" }, { type: "null" }] },
      sent: { type: "string", format: "date-time" },
      cents: { type: "integer" },
      where: { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 },
      currency: { anyOf: [{ type: "string" }, { type: "null" }] },
    });
  });

  test.each<[string, ValueSchema, unknown]>([
    ["a list", z.array(z.string()), ["a", "b"]],
    ["a table", z.array(z.object({ name: z.string() })), [{ name: "Ada" }]],
    ["a choice", z.enum(["yes", "no"]), "no"],
    ["a number or none", z.number().nullable(), null],
    ["anything", json(), { a: [1, null] }],
  ])("may be %s, which the model is asked for as a field", async (_what, output, value) => {
    expect(await yields(output, { value })).toEqual(value);
    await expect(yields(output.nullable(), { other: value })).rejects.toThrow(
      "no JSON object with a field value",
    );
  });

  test("with what strict answers cannot have is asked for not strictly", async () => {
    const output = z.object({
      facts: z.record(z.string(), z.number()),
      any: json(),
      pair: z.tuple([z.int(), z.int()]),
    });
    const answer = { facts: { a: 1 }, any: [true], pair: [1, 2] };
    expect(await yields(output, answer)).toEqual(answer);
    expect(server.chats[0]!.response_format).toMatchObject({ json_schema: { strict: false } });
  });

  test("is checked by refinements too", async () => {
    const output = z.object({ year: z.int().refine((year) => year < 2_000, "must be long ago") });
    await expect(yields(output, { year: 2_020 })).rejects.toThrow("year: must be long ago");
  });
});

test.each([
  [{ output: z.object({ data: bytes() }) }, "schema-unsupported", "has bytes in it"],
  [{ instruction: "" }, "spec-invalid", "instruction"],
  [{ answers: 0 }, "option-invalid", "answers must be a whole number above 0, not 0"],
  [{ temprature: 1 }, "option-invalid", "extractByLlm has no option temprature"],
  [{ model: { name: "x" } }, "option-invalid", "none that answers in text"],
] as const)("%o is refused when it is used", (options, code, message) => {
  const wrong = { model: model(), instruction: "x", output: person, ...options } as never;
  let thrown: unknown;
  try {
    extractByLlm(wrong);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code, message: expect.stringContaining(message) });
});

test("an answer that is no completion fails the row with what it lacks", async () => {
  world.notebook.write("a", "Ada");
  server.faults.push({ kind: "text", text: '{"choices":[]}' });
  expect((await update()).error).toMatchObject({
    code: "model-answer-invalid",
    message: expect.stringMatching(/^model reader answered no completion: at choices /),
  });
});
