import { expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineFunction } from "../../src/index.ts";
import { makeTemporaryTree } from "../support/temporary-tree.ts";
import { Notebook } from "../worlds/notebook.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

const lines = defineFunction({
  name: "lines",
  version: 1,
  cache: true,
  input: { text: z.string() },
  output: z.array(z.object({ key: z.string(), value: z.string() })),
  run: ({ text }) =>
    text.split("\n").map((line) => ({ key: line.split(" ")[0]!, value: line.split(" ")[1]! })),
});

/** Pages themselves on one shelf, by their own keys; their lines, of which several may have one key, on another. */
function define(other: Notebook) {
  return world.keep(
    defineFlow("OnDisk", (builder) => {
      const pages = builder.addCollector<{ id: string; text: string }>();
      const all = builder.addCollector<{ id: string; value: string }>();
      for (const [name, notebook] of [
        ["a", world.notebook],
        ["b", other],
      ] as const) {
        builder.addSource(name, notebook.source({ ordered: true })({})).forEachRow((page) => {
          if (name === "a") pages.collect({ id: page.id, text: page.text });
          page.text.transform(lines).forEachRow((line) => all.collect({ id: line.key, value: line.value }));
        });
      }
      const library = world.library.target();
      pages.export("Pages", library({ shelf: "pages" }), { primaryKeyFields: ["id"] });
      all.export("Lines", library({ shelf: "lines" }), { primaryKeyFields: ["id"] });
    }),
  );
}

test("with the embedded store: own keys and shared ones, over several pages of records", async () => {
  const tree = makeTemporaryTree();
  configure({ store: undefined, storeDirectory: tree.at("store") });
  try {
    const other = new Notebook();
    for (let n = 0; n < 700; n++) world.notebook.write(`page ${n}`, `k${n} first\ns${n % 350} of-${n}`);
    for (let n = 0; n < 300; n++) other.write(`page ${n}`, `k${n} second\no${n} own`);
    const flow = define(other);
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    const shelves = () => ["pages", "lines"].map((shelf) => world.library.rows(shelf));
    const before = shelves();
    expect(await flow.verify()).toMatchObject({
      targets: { Pages: { expected: 700, found: 700 }, Lines: { expected: 1350, found: 1350 } },
      ok: true,
    });

    const [pages, all] = ["pages", "lines"].map((shelf) => world.library.shelves.get(shelf)!);
    for (let n = 0; n < 700; n += 7) pages!.delete(`page ${n}`);
    for (let n = 0; n < 300; n += 3) all!.set(`k${n}`, { value: "second" });
    for (let n = 0; n < 300; n += 50) all!.delete(`o${n}`);
    all!.set("s349", { value: "of-699" });
    pages!.set("extra", {});
    const found = await flow.verify();
    expect(found.targets).toMatchObject({
      Pages: { missing: 100, extra: 1, different: 0 },
      Lines: { missing: 6, extra: 0, different: 101 },
    });
    world.library.forgetCounts();
    const repaired = await flow.verify({ repair: true });
    expect(repaired).toMatchObject({
      repair: { targets: { Pages: { written: 100, deleted: 1 }, Lines: { written: 107, deleted: 0 } } },
      ok: true,
    });
    expect(world.library.upserts).toHaveLength(207);
    expect(shelves()).toEqual(before);
    expect(await flow.update()).toMatchObject({ sources: { a: { unchanged: 700 }, b: { unchanged: 300 } } });
  } finally {
    configure({ storeDirectory: undefined });
  }
});
