import { expect, test } from "vitest";
import { configure, defineFlow } from "../../src/index.ts";
import { Feed } from "../worlds/feed.ts";
import { Library, Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();

function refuse(): never {
  throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
}

test("a target that is down is asked now and then, and given everything as soon as it is back", async () => {
  live.world.write(3);
  const updater = await live.follow(live.define());
  live.world.library.before = refuse;
  live.edit("p0000", "other");
  live.edit("p0001", "other too");
  for (let minute = 0; minute < 60; minute++) await live.clock.pass(60_000);
  expect(live.heard("target-failed")).toHaveLength(1);
  expect(updater.updateStats().sources.pages).toMatchObject({ failing: 2 });
  // In an hour: growing waits up to a minute, and each row's own.
  const asked = live.world.library.calls;
  expect(asked).toBeLessThan(100);

  live.world.library.before = () => {};
  await live.clock.pass(61_000);
  await live.untilFresh();
  expect(live.heard("target-recovered")).toHaveLength(1);
  expect(updater.updateStats().sources.pages).toMatchObject({ failing: 0 });
});

test("a target that hangs keeps a live update from stopping only for a while", async () => {
  configure({ stopTimeout: "7s" });
  live.world.write(2);
  const flow = live.define();
  const updater = await live.follow(flow);
  let asked = false;
  live.world.library.hang = () => {
    asked = true;
    return new Promise(() => {});
  };
  live.edit("p0000", "other");
  await until(() => asked);
  const stopped = updater.abort();
  await live.clock.pass(6_900);
  expect(updater.updateStats().state).toBe("stopping");
  await live.clock.pass(200);
  await stopped;

  live.world.library.hang = null;
  expect(await flow.update()).toMatchObject({ ok: true, sources: { pages: { unchanged: 1 } } });
  expect(live.rows()).toEqual(live.wanted());
});

test("of two that are down each is asked, and the one that is back is written without the other", async () => {
  const [other, otherFeed, otherLibrary] = [new Notebook(), new Feed(), new Library()];
  const { library } = live.world;
  const flow = live.world.keep(
    defineFlow("Both", (builder) => {
      const both = [
        ["one", live.feed.source(live.notebook), library.target("one")],
        ["two", otherFeed.source(other), otherLibrary.target("two")],
      ] as const;
      for (const [name, source, target] of both) {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder
          .addSource(name, source({}))
          .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
        out.export(name, target({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }
    }),
  );
  await live.follow(flow);
  library.before = refuse;
  otherLibrary.before = refuse;
  for (let at = 0; at < 30; at++) {
    live.edit(`p${at}`, "text");
    other.write(`p${at}`, "text");
    otherFeed.touch(`p${at}`);
  }
  for (let minute = 0; minute < 60; minute++) await live.clock.pass(60_000);
  expect(live.heard("target-failed")).toHaveLength(2);
  otherLibrary.before = () => {};
  await live.clock.pass(180_000);
  await until(() => otherLibrary.rows("s").length === 30);
  expect(library.rows("s")).toEqual([]);
  library.before = () => {};
  await live.clock.pass(180_000);
  await until(() => library.rows("s").length === 30);
});

test("a target that is back is found although the row that asked it fails otherwise by then", async () => {
  let broken = false;
  const fragile = textFunction("fragile", (text) => {
    if (broken && text === "first") throw new Error("boom");
    return text.toUpperCase();
  });
  live.world.write(3);
  await live.follow(live.define({ through: fragile }));
  live.world.library.before = refuse;
  live.edit("p0000", "first");
  live.edit("p0001", "second");
  for (let minute = 0; minute < 60; minute++) await live.clock.pass(60_000);
  broken = true;
  live.world.library.before = () => {};
  await live.clock.pass(180_000);
  await until(() => live.rows().p0001 === "SECOND");
});
