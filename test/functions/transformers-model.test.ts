import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { embedText, transformersModel } from "../../src/functions/index.ts";
import { flowThrough } from "../worlds/flow-through.ts";
import { makeTinyModel, tinyVector } from "../worlds/tiny-model.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
const need = "@huggingface/transformers";

function isInstalled(): boolean {
  try {
    return createRequire(import.meta.url).resolve(need) !== "";
  } catch {
    return false;
  }
}

async function update(directory: string, dimension = 4) {
  const vector = embedText({ model: transformersModel({ model: directory }), dimension });
  const flow = flowThrough(world, { vector });
  await flow.setup();
  return flow.update();
}

test("a local model asks for the package that it needs", async (context) => {
  context.skip(isInstalled(), `${need} is installed`);
  world.write(1);
  await expect(update("tiny")).rejects.toMatchObject({
    code: "package-missing",
    hint: `Install it with: npm install ${need}`,
    where: { step: "embedText" },
  });
});

test("a local model embeds, each text as by itself", async (context) => {
  context.skip(!isInstalled(), `${need} is not installed`);
  world.notebook.write("a", "hello world");
  world.notebook.write("b", "Text");
  const info = await update(makeTinyModel());
  expect(info.ok).toBe(true);
  const rows = world.library.rows("s").map(([, value]) => [...(value as { vector: Float32Array }).vector]);
  for (const [i, words] of [["hello", "world"], ["text"]].entries()) {
    const wanted = tinyVector(...words);
    for (const [place, number] of rows[i]!.entries()) expect(number).toBeCloseTo(wanted[place]!, 5);
  }
});

test("a local model that is not there fails its rows, and says which it is", async (context) => {
  context.skip(!isInstalled(), `${need} is not installed`);
  world.write(1);
  const info = await update("/no/such/model");
  expect(info.failures[0]?.error).toMatchObject({
    code: "model-failed",
    message: expect.stringContaining("model /no/such/model: "),
  });
});
