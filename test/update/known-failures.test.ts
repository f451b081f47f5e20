import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StateStore } from "../../src/contracts/state-store.ts";
import { configure, type UpdateInfo } from "../../src/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { makeTemporaryTree } from "../support/temporary-tree.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { chunkDigest, VectorIndex } from "../worlds/vector-index.ts";

/*
 * What indexers of documents in use today get wrong, a test for each: a change that only the text is looked at for,
 * an index that is written anew where a document is larger than a batch, rows that outlive their document, an index
 * that an empty answer wipes, rows that a failed call loses, and so on.
 */

let index: VectorIndex;
let store: StateStore;

const stores: readonly { readonly name: string; open(): Promise<StateStore> }[] = [
  { name: "in memory", open: async () => openMemoryStore() },
  { name: "on disk", open: () => openLmdbStore({ directory: makeTemporaryTree().path }) },
];

const noWork = [0, 0, 0];

async function expectClean(): Promise<void> {
  expect((await index.update()).ok).toBe(true);
  expect(index.work).toEqual(noWork);
}

/** Makes the index of documents `d0`, `d1`, …, of three chunks each. */
async function build(documents: number): Promise<void> {
  for (let i = 0; i < documents; i++) index.write(`d${i}`, `one ${i}\ntwo ${i}\nthree ${i}`);
  await index.open();
  expect((await index.update()).ok).toBe(true);
}

/** Fails calls that embed this text, as often as is said. */
function failEmbedding(text: string, error: Error, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  index.beforeEmbedding = (texts) => {
    if (texts.includes(text) && left-- > 0) throw error;
  };
}

function codesOf({ failures, held, incomplete }: UpdateInfo): string[] {
  return [...failures, ...held, ...incomplete].map(({ error }) => error.code);
}

describe.each(stores)("$name", ({ open }) => {
  beforeEach(async () => {
    index = new VectorIndex();
    store = await open();
    configure({ store, clock: hastyClock });
  });

  afterEach(async () => {
    index.close();
    configure({ store: undefined, clock: undefined, maxInflightRows: undefined });
    await store.close();
  });

  describe("a nested metadata value changes and nothing else", () => {
    const metadata = (city: string) => ({ tags: ["a", "b"], author: { name: "Ann", address: { city } } });

    test("and the index gets it, while no chunk is embedded again", async () => {
      index.write("d", "one\ntwo", metadata("Oslo"));
      index.write("e", "three", metadata("Rome"));
      await index.open({ cached: true });
      await index.update();
      index.write("d", "one\ntwo", metadata("Bergen"));
      expect((await index.update()).sources.documents).toMatchObject({ updated: 1, unchanged: 1 });
      expect(index.embedded).toEqual([]);
      expect(index.library.upserts.sort()).toEqual(["d#0", "d#1"]);
      expect(index.library.rows("index")[0]![1]).toMatchObject({ metadata: metadata("Bergen") });
      await expectClean();
    });

    test("in the order of its fields, which is no change", async () => {
      index.write("d", "one", { a: 1, b: { c: 2, d: 3 } });
      await index.open();
      await index.update();
      index.write("d", "one", { b: { d: 3, c: 2 }, a: 1 });
      expect((await index.update()).sources.documents).toMatchObject({ unchanged: 1 });
      expect(index.work).toEqual([1, 0, 0]);
    });
  });

  describe("a source of 250 chunks unchanged is not written again, whatever the batch size", () => {
    const chunks = Array.from({ length: 250 }, (_, i) => `chunk ${i}`);
    const sizes = [1, 7, 100, 250, 1_000];

    test.each(sizes)("of %i, in one document and in 250", async (size) => {
      index.write("whole", chunks.join("\n"));
      for (const chunk of chunks) index.write(chunk, `the only ${chunk}`);
      await index.open({ maxBatchSize: size, pageSize: size });
      await index.update();
      expect(index.work).toEqual([251, 500, 500]);
      await expectClean();
      index.write("whole", chunks.join("\n"));
      expect((await index.update()).ok).toBe(true);
      expect(index.work).toEqual([1, 0, 0]);
    });

    test("nor as the batch size changes, or the rows in flight do", async () => {
      index.write("whole", chunks.join("\n"));
      for (const chunk of chunks) index.write(chunk, `the only ${chunk}`);
      await index.open();
      await index.update();
      for (const size of sizes) {
        configure({ maxInflightRows: size });
        await index.open({ maxBatchSize: size, pageSize: size });
        await expectClean();
      }
    });

    test("and where one of them changes, that one is written", async () => {
      index.write("whole", chunks.join("\n"));
      await index.open({ cached: true, maxBatchSize: 100 });
      await index.update();
      index.write("whole", chunks.with(123, "edited").join("\n"));
      await index.update();
      expect([index.embedded, index.library.upserts, index.library.deletes]).toEqual([
        ["edited"],
        ["whole#123"],
        [],
      ]);
    });
  });

  test("a source item vanishes and its rows go", async () => {
    await build(3);
    index.remove("d1");
    expect((await index.update()).sources.documents).toMatchObject({ deleted: 1, unchanged: 2 });
    expect(index.library.deletes.sort()).toEqual(["d1#0", "d1#1", "d1#2"]);
    expect([index.embedded, index.library.upserts]).toEqual([[], []]);
    expect(index.chunks().map(([id]) => id)).toEqual(["d0#0", "d0#1", "d0#2", "d2#0", "d2#1", "d2#2"]);
    await expectClean();
  });

  test("a listing that returns nothing wipes nothing", async () => {
    await build(3);
    const documents = [...index.documents];
    index.documents.clear();
    for (let times = 0; times < 2; times++) {
      expect(codesOf(await index.update())).toEqual(["deletions-held"]);
      expect(index.work).toEqual(noWork);
      expect(index.chunks()).toHaveLength(9);
    }
    for (const [id, document] of documents) index.documents.set(id, document);
    await expectClean();
  });

  describe("an embedding call fails once and the retry yields the rows", () => {
    test("within the update, where the cause may pass", async () => {
      failEmbedding("two 1", Object.assign(new Error("slow down"), { status: 429 }), 1);
      await build(3);
      expect(index.chunks()).toHaveLength(9);
      await expectClean();
    });

    test("in the next update, where it failed for good, although no document has changed", async () => {
      failEmbedding("two 1", new Error("refused"), 1);
      for (let i = 0; i < 3; i++) index.write(`d${i}`, `one ${i}\ntwo ${i}`);
      await index.open({ maxBatchSize: 1 });
      const info = await index.update();
      expect(codesOf(info)).toEqual(["function-failed"]);
      expect(info.sources.documents).toMatchObject({ inserted: 2, failed: 1 });
      expect(index.chunks()).toHaveLength(4);
      expect((await index.update()).ok).toBe(true);
      expect(index.library.upserts.sort()).toEqual(["d1#0", "d1#1"]);
      await expectClean();
    });
  });

  test("a changed document whose embedding fails keeps its old rows until the new ones are there", async () => {
    await build(2);
    const before = index.chunks();
    index.write("d1", "new one\nnew two");
    failEmbedding("new two", new Error("refused"));
    for (let times = 0; times < 3; times++) {
      expect(codesOf(await index.update())).toEqual(["function-failed"]);
      expect(index.chunks()).toEqual(before);
    }
    index.beforeEmbedding = () => {};
    expect((await index.update()).ok).toBe(true);
    expect([index.library.upserts.sort(), index.library.deletes]).toEqual([["d1#0", "d1#1"], ["d1#2"]]);
    expect(index.chunks().slice(3)).toEqual([
      ["d1#0", "new one"],
      ["d1#1", "new two"],
    ]);
    await expectClean();
  });

  describe("two documents of equal text, one removed, leave the other's row", () => {
    test.each(["d0", "d1"])("with a target key of each, %s removed", async (removed) => {
      index.write("d0", "the same");
      index.write("d1", "the same");
      await index.open({ cached: true });
      await index.update();
      expect(index.embedded).toEqual(["the same"]);
      index.remove(removed);
      await index.update();
      expect(index.library.deletes).toEqual([`${removed}#0`]);
      expect(index.chunks()).toEqual([[removed === "d0" ? "d1#0" : "d0#0", "the same"]]);
      await expectClean();
    });

    test.each([
      ["d0", "removed", () => index.remove("d0")],
      ["d1", "removed", () => index.remove("d1")],
      ["d0", "edited", () => index.write("d0", "another")],
      ["d1", "edited", () => index.write("d1", "another")],
    ] as const)("with a target key that they share, %s %s", async (_id, how, change) => {
      index.write("d0", "the same");
      index.write("d1", "the same");
      await index.open({ sharedKeys: true });
      await index.update();
      expect(index.library.upserts).toEqual([chunkDigest("the same")]);
      change();
      expect((await index.update()).ok).toBe(true);
      const added = how === "edited" ? [chunkDigest("another")] : [];
      expect([index.library.upserts, index.library.deletes]).toEqual([added, []]);
      expect(index.library.shelves.get("index")!.get(chunkDigest("the same"))).toMatchObject({
        text: "the same",
      });
      await expectClean();
      index.write("d0", "a third");
      index.write("d1", "a third");
      expect((await index.update()).ok).toBe(true);
      expect(index.chunks()).toEqual([[chunkDigest("a third"), "a third"]]);
    });

    test("with a target key that they share and values that differ: the other's takes its place in one write", async () => {
      index.write("d0", "the same", { from: "d0" });
      index.write("d1", "the same", { from: "d1" });
      await index.open({ sharedKeys: true });
      await index.update();
      index.remove("d0");
      expect((await index.update()).ok).toBe(true);
      expect([index.library.upserts, index.library.deletes]).toEqual([[chunkDigest("the same")], []]);
      expect(index.library.rows("index")[0]![1]).toMatchObject({ metadata: { from: "d1" } });
      await expectClean();
    });
  });

  test("v1 → v2, the write of v2 fails after reaching the target, content returns to v1: the target ends at v1", async () => {
    index.write("d", "v1");
    const first = index.documents.get("d")!;
    await index.open({ cached: true });
    await index.update();
    index.write("d", "v2");
    index.library.after = () => {
      throw new Error("lost the answer");
    };
    expect(codesOf(await index.update())).toEqual(["mutate-failed"]);
    expect(index.chunks()).toEqual([["d#0", "v2"]]);
    index.library.after = () => {};
    // Wholly as it was, its version included.
    index.documents.set("d", first);
    expect((await index.update()).ok).toBe(true);
    expect(index.chunks()).toEqual([["d#0", "v1"]]);
    await expectClean();
  });
});

test("v1 → v2, the process ends as v2 has reached the target, content returns to v1: the target ends at v1", async () => {
  const state = new MemoryState();
  const dying = openMemoryStore({ state });
  index = new VectorIndex();
  configure({ store: dying, clock: hastyClock });
  index.write("d", "v1");
  const first = index.documents.get("d")!;
  await index.open();
  await index.update();
  index.write("d", "v2");
  index.library.after = () => dying.kill();
  await expect(index.update()).rejects.toMatchObject({ code: "store-closed" });
  expect(index.chunks()).toEqual([["d#0", "v2"]]);

  index.library.after = () => {};
  index.documents.set("d", first);
  configure({ store: openMemoryStore({ state }) });
  await index.open();
  expect((await index.update()).ok).toBe(true);
  expect(index.chunks()).toEqual([["d#0", "v1"]]);
  await expectClean();
  index.close();
  configure({ store: undefined, clock: undefined });
});
