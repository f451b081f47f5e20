import { expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineTransformFlow } from "../../src/index.ts";
import { makeTemporaryTree } from "../support/temporary-tree.ts";
import { textFunction } from "../worlds/text-function.ts";
import { useWorld } from "../worlds/use-world.ts";

/* With the store that users have. */

const world = useWorld();

test("eval reads what updates have stored, while a live update of the flow writes to the store", async () => {
  configure({ store: undefined, storeDirectory: makeTemporaryTree().path });
  const calls: string[] = [];
  const shout = textFunction(
    "shout",
    (text) => {
      calls.push(text);
      return text.toUpperCase();
    },
    { cache: true },
  );
  const loud = defineTransformFlow("loud", { input: { text: z.string() } }, ({ text }) =>
    text.transform(shout),
  );
  const flow = world.keep(
    defineFlow("Pages", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        out.collect({ id: page.id, text: page.text.transform(loud) });
      });
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
  try {
    world.write(100);
    // Before there is a store, nothing is read and none is made.
    expect(await loud.eval("text 1")).toBe("TEXT 1");
    await flow.setup();
    await flow.update();
    const stored = Array.from({ length: 50 }, (_, i) => `text ${i + 50}`);
    const follower = flow.liveUpdate();
    follower.start();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 50; i++)
        world.notebook.write(`p${String(i).padStart(4, "0")}`, `round ${round}, ${i}`);
      calls.length = 0;
      const updating = flow.update();
      for (let turn = 0; turn < 3; turn++)
        expect(await loud.evalMany(stored)).toEqual(stored.map((text) => text.toUpperCase()));
      expect((await updating).ok).toBe(true);
      expect(calls).toHaveLength(50);
      expect(calls.filter((text) => stored.includes(text))).toEqual([]);
    }
    await follower.abort();
  } finally {
    world.closeFlows();
    configure({ storeDirectory: undefined });
  }
});
