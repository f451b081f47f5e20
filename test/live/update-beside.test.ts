import { beforeEach, expect, test } from "vitest";
import { configure, defineFlow, type Flow } from "../../src/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { Feed } from "../worlds/feed.ts";
import { until } from "../worlds/until.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

beforeEach(() => {
  configure({ clock: systemClock });
});

function define(feed: Feed): Flow {
  return world.keep(
    defineFlow("Approved", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      const pages = builder.addSource("pages", feed.source(world.notebook)({}));
      pages.forEachRow((page) => {
        out.collect({ id: page.id, text: page.text });
      });
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
}

test("an update beside a live one approves what the live one holds", async () => {
  const feed = new Feed();
  const ids = Array.from({ length: 30 }, (_, at) => `page ${at}`);
  for (const id of ids) world.notebook.write(id, id);
  const flow = define(feed);
  await flow.setup();
  await using updater = flow.liveUpdate();
  await updater.start();
  await until(() => updater.updateStats().state === "following");
  const gone = ids.slice(0, 20);
  for (const id of gone) world.notebook.remove(id);
  feed.tell(...gone.map((id) => ({ key: { id }, deleted: true })));
  await until(() => updater.updateStats().info.held.length > 0, "holding");
  expect(world.library.rows("s")).toHaveLength(30);
  const info = await flow.update({ allowDeletions: 20 });
  expect(info).toMatchObject({ ok: true, held: [], sources: { pages: { deleted: 20 } } });
  expect(world.library.rows("s")).toHaveLength(10);
});

test("an update beside a live one waits for rows of which is told while they are listed", async () => {
  const feed = new Feed();
  for (const id of ["a", "b"]) world.notebook.write(id, id);
  const flow = define(feed);
  await flow.setup();
  await using updater = flow.liveUpdate();
  await updater.start();
  await until(() => updater.updateStats().state === "following");
  world.notebook.remove("a");
  feed.onListing = () => feed.touch("a");
  expect(await flow.update()).toMatchObject({ ok: true, sources: { pages: { deleted: 1 } } });
  expect(world.library.rows("s").map(([id]) => id)).toEqual(["b"]);
});
