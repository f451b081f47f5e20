import { beforeEach, expect, test } from "vitest";
import { configure, defineFlow } from "../../src/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { deferred } from "../../src/kernel/deferred.ts";
import { Feed } from "../worlds/feed.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let aheadMs: number;

beforeEach(() => {
  aheadMs = 0;
  configure({ clock: { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs } });
});

test("a row that is back before its removal has its turn stays", async () => {
  const feed = new Feed();
  const [busy, back] = [deferred<void>(), deferred<void>()];
  const underWay: string[] = [];
  const slow = textFunction("slow", async (text) => {
    underWay.push(text);
    await { busy, back }[text]?.promise;
    return text;
  });
  const flow = world.keep(
    defineFlow("Back", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      const pages = builder.addSource("pages", feed.source(world.notebook)({}));
      pages.forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(slow) }));
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
  for (const id of ["gone", "other"]) world.notebook.write(id, "first");
  await flow.setup();
  await using updater = flow.liveUpdate();
  await updater.start();
  await until(() => updater.updateStats().state === "following", "catching up");

  // Another row is worked on, so that the removal waits for others to be judged with.
  world.notebook.write("other", "busy");
  feed.touch("other");
  await until(() => underWay.includes("busy"), "the work on the other row");
  const { reads } = world.notebook;
  world.notebook.remove("gone");
  feed.touch("gone");
  await until(() => world.notebook.reads > reads, "the look at the row that is gone");
  world.notebook.write("gone", "back");
  feed.touch("gone");
  await until(() => underWay.includes("back"), "the work on the row that is back");
  aheadMs = 1_000;
  busy.resolve();
  await until(() => updater.updateStats().info.sources.pages!.updated === 1, "the other row");
  back.resolve();
  await until(() => updater.updateStats().info.sources.pages!.inFlight === 0, "the row that is back");
  await updater.abort();

  expect(world.library.rows("s")).toEqual([
    ["gone", { text: "back" }],
    ["other", { text: "busy" }],
  ]);
});
