import { describe, expect, test } from "vitest";
import { defineFlow, type Flow } from "../../src/index.ts";
import { Feed } from "../worlds/feed.ts";
import { Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();

/** Each page yields a row with its text's first word as the key and all of it as the value. */
function define(onDuplicateKey: "first" | "error" = "first"): Flow {
  const word = textFunction("word", (text) => text.split(" ")[0]!);
  return live.world.keep(
    defineFlow("Shared", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", live.feed.source(live.notebook)({}))
        .forEachRow((page) => out.collect({ id: page.text.transform(word), text: page.text }));
      const target = live.world.library.target()({ shelf: "s" });
      out.export("Out", target, { primaryKeyFields: ["id"], onDuplicateKey });
    }),
  );
}

describe("of a key that several rows may yield", () => {
  test("a rename is no write at all, and a changed value one upsert", async () => {
    live.notebook.write("a", "k one");
    await live.follow(define());
    live.world.library.forgetCounts();
    live.notebook.remove("a");
    live.notebook.write("b", "k one");
    live.feed.touch("a", "b");
    await live.clock.rest();
    await live.clock.pass(2_000);
    expect([live.world.library.upserts, live.world.library.deletes]).toEqual([[], []]);
    expect(live.rows()).toEqual({ k: "k one" });

    live.notebook.remove("b");
    live.notebook.write("c", "k two");
    live.feed.touch("b", "c");
    await until(() => live.rows().k === "k two");
    expect([live.world.library.upserts, live.world.library.deletes]).toEqual([["k"], []]);
  });

  test("an heir takes over, and what nobody claims goes", async () => {
    live.notebook.write("a", "k one");
    live.notebook.write("b", "k two");
    await live.follow(define());
    live.world.library.forgetCounts();
    live.remove("a");
    await live.clock.pass(1_000);
    await until(() => live.rows().k === "k two");
    live.remove("b");
    await live.clock.pass(1_000);
    await until(() => live.rows().k === undefined);
    expect([live.world.library.upserts, live.world.library.deletes]).toEqual([["k"], ["k"]]);
  });
});

describe("where no two rows may yield one key", () => {
  test("all but the first fail, until they are alone", async () => {
    live.notebook.write("a", "k one");
    const updater = await live.follow(define("error"));
    live.edit("b", "k two");
    await until(() => live.heard("row-failed").length > 0);
    expect(live.heard("row-failed")).toMatchObject([{ row: "b", error: { code: "target-key-duplicate" } }]);
    expect(live.rows()).toEqual({ k: "k one" });
    live.remove("a");
    await live.clock.pass(1_000);
    await until(() => live.rows().k === "k two");
    expect(live.world.library.deletes).toEqual([]);
    await until(() => updater.updateStats().sources.pages!.failing === 0);
  });
});

describe("of two sources", () => {
  /** Both are followed; the rows of `a` go before those of `b`. */
  async function followTwo(other: Notebook, otherFeed: Feed): Promise<void> {
    const word = textFunction("word", (text) => text.split(" ")[0]!);
    const flow = live.world.keep(
      defineFlow("Shared", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        const sources = { a: live.feed.source(live.notebook)({}), b: otherFeed.source(other)({}) };
        for (const [name, source] of Object.entries(sources))
          builder
            .addSource(name, source)
            .forEachRow((page) => out.collect({ id: page.text.transform(word), text: page.text }));
        const target = live.world.library.target()({ shelf: "s" });
        out.export("Out", target, { primaryKeyFields: ["id"], onDuplicateKey: "first" });
      }),
    );
    await live.follow(flow);
  }

  test("a row that moves from one to the other keeps its target row, in both directions", async () => {
    const [other, otherFeed] = [new Notebook(), new Feed()];
    live.notebook.write("p", "k one");
    await followTwo(other, otherFeed);
    live.remove("p");
    other.write("q", "k two");
    otherFeed.touch("q");
    await live.clock.pass(1_000);
    await until(() => live.rows().k === "k two");
    other.remove("q");
    otherFeed.touch("q");
    live.edit("p", "k three");
    await live.clock.pass(1_000);
    await until(() => live.rows().k === "k three");
    expect(live.world.library.deletes).toEqual([]);
  });

  test("the winner's edits are written and the loser's are not, until it inherits", async () => {
    const [other, otherFeed] = [new Notebook(), new Feed()];
    live.notebook.write("p", "k one");
    other.write("q", "k two");
    await followTwo(other, otherFeed);
    other.write("q", "k three");
    otherFeed.touch("q");
    live.edit("p", "k four");
    await until(() => live.rows().k === "k four");
    await live.clock.pass(1_000);
    expect(live.world.library.upserts).toEqual(["k", "k"]);
    live.remove("p");
    await live.clock.pass(1_000);
    await until(() => live.rows().k === "k three");
    expect(live.world.library.deletes).toEqual([]);
  });

  test("a key is not away while the other, which yields it, is listed for the first time", async () => {
    const [other, otherFeed] = [new Notebook(), new Feed()];
    live.notebook.write("p", "k one");
    await followTwo(other, otherFeed);
    other.write("q", "k two");
    let release = () => {};
    otherFeed.beforeListing = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    otherFeed.watching[0]!.options.missed("all of it");
    live.remove("p");
    await live.clock.pass(60_000);
    expect(live.rows()).toEqual({ k: "k one" });
    release();
    await until(() => live.rows().k === "k two");
    expect(live.world.library.deletes).toEqual([]);
  });
});

test("deletions that failed as the target was down are made as soon as it is back", async () => {
  live.notebook.write("a", "k one");
  live.notebook.write("b", "m one");
  await live.follow(define());
  live.world.library.before = () => {
    throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
  };
  live.remove("a", "b");
  // Attempts within a pass, then longer and longer waits.
  for (let minute = 0; minute < 30; minute++) await live.clock.pass(60_000);
  expect(live.rows()).toEqual({ k: "k one", m: "m one" });
  live.world.library.before = () => {};
  // One is tried to see whether it is; the next try of the other is further off by now.
  await live.clock.pass(61_000);
  await until(() => Object.keys(live.rows()).length === 0);
});
