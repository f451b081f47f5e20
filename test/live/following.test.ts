import { beforeEach, describe, expect, test } from "vitest";
import { configure, defineFlow, type EngineEvent, type Flow, type LiveUpdater } from "../../src/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { Feed } from "../worlds/feed.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let feed: Feed;
let events: EngineEvent[];

beforeEach(() => {
  feed = new Feed();
  events = [];
  configure({ clock: systemClock });
});

function define(options: { readonly watched?: boolean; readonly inline?: boolean } = {}): Flow {
  return world.keep(
    defineFlow("Live", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      const { watched = true, inline = false } = options;
      const pages = builder.addSource("pages", feed.source(world.notebook, { inline })({ watched }));
      pages.forEachRow((page) => {
        out.collect({
          id: page.id,
          text: page.text.transform(textFunction("loud", (text) => text.toUpperCase())),
        });
      });
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
}

const rows = () =>
  Object.fromEntries(world.library.rows("s").map(([id, value]) => [id, (value as { text: string }).text]));

async function follow(flow: Flow): Promise<LiveUpdater> {
  await flow.setup();
  const updater = flow.liveUpdate({ report: (event) => events.push(event) });
  await updater.start();
  await until(() => updater.updateStats().state === "following", "catching up");
  return updater;
}

describe("a live update", () => {
  test("begins with an update and then follows changes", async () => {
    world.notebook.write("a", "one");
    await using updater = await follow(define());
    expect(rows()).toEqual({ a: "ONE" });

    world.notebook.write("b", "two");
    feed.touch("b");
    await until(() => "b" in rows());
    world.notebook.write("a", "other");
    feed.touch("a");
    await until(() => rows().a === "OTHER");
    world.notebook.remove("b");
    feed.touch("b");
    await until(() => !("b" in rows()));
    expect(updater.updateStats().info.sources.pages).toMatchObject({
      inserted: 2,
      updated: 1,
      deleted: 1,
      inFlight: 0,
    });
    expect(updater.updateStats().sources.pages).toMatchObject({
      state: "following",
      changes: 3,
      waiting: 0,
      listings: 1,
    });
  });

  test("ends after the update where nothing tells of changes", async () => {
    world.notebook.write("a", "one");
    const flow = define({ watched: false });
    await flow.setup();
    const info = await flow.liveUpdate().wait();
    expect(info).toMatchObject({ ok: true, sources: { pages: { inserted: 1 } } });
    expect(feed.starts).toBe(0);
  });

  test("leaves nothing behind when it is stopped", async () => {
    world.notebook.write("a", "one");
    const flow = define();
    const updater = await follow(flow);
    await updater.abort();
    expect(feed.watching).toEqual([]);
    expect(await updater.wait()).toMatchObject({ sources: { pages: { inserted: 1 } } });
    expect(await updater.nextStatusUpdates()).toMatchObject({ activeSources: [] });
    expect(await flow.update()).toMatchObject({ sources: { pages: { unchanged: 1, read: 0 } } });
  });
});
