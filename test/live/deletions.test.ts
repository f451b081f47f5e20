import { describe, expect, test } from "vitest";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();

const page = (at: number) => `p${String(at).padStart(4, "0")}`;
const pages = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => page(from + at));
const count = () => Object.keys(live.rows()).length;

/** Tells that these are gone, in one burst. */
function tellGone(ids: readonly string[]): void {
  for (const id of ids) live.notebook.remove(id);
  live.feed.tell(...ids.map((id) => ({ key: { id }, deleted: true })));
}

describe("a row that is told of goes", () => {
  test("without being read where its source knows that it is gone", async () => {
    live.world.write(3);
    await live.follow(live.define());
    const { reads } = live.notebook;
    tellGone([page(1)]);
    await live.untilFresh();
    expect([live.notebook.reads, live.world.library.deletes]).toEqual([reads, [page(1)]]);
    expect(live.heard("row-done").at(-1)).toMatchObject({ outcome: "deleted", reason: "gone" });
  });

  test("where reading shows that it is gone", async () => {
    live.world.write(3);
    await live.follow(live.define());
    live.remove(page(1));
    await live.untilFresh();
    live.remove("was never there");
    await live.clock.rest();
    expect(live.world.library.deletes).toEqual([page(1)]);
  });

  test("and comes back, in any order and at any time", async () => {
    live.world.write(5);
    const updater = await live.follow(live.define());
    for (let turns = 0; turns < 40; turns++) {
      const id = page(turns % 5);
      tellGone([id]);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      live.edit(id, `back ${turns}`);
      await live.untilFresh();
      await live.clock.rest();
      expect(live.rows()).toEqual(live.wanted());
    }
    expect(updater.updateStats().info).toMatchObject({ ok: true, held: [] });
  });

  test("once the target takes its deletion, however often that failed", async () => {
    live.world.write(3);
    await live.follow(live.define());
    live.world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("no deletions");
    };
    tellGone([page(1)]);
    await until(() => live.heard("row-failed").length === 1);
    live.world.library.before = () => {};
    await live.clock.pass(11_000);
    await live.untilFresh();
  });
});

describe("more than half of the rows within a minute", () => {
  test("are held where they are told of in one burst", async () => {
    live.world.write(20);
    const flow = live.define();
    const updater = await live.follow(flow);
    tellGone(pages(0, 11));
    await until(() => live.heard("deletions-held").length > 0);
    expect(live.heard("deletions-held")).toMatchObject([
      { source: "pages", rows: 11, tracked: 20, error: { code: "deletions-held" } },
    ]);
    expect([count(), updater.updateStats().info.ok]).toEqual([20, false]);
    // Others go on.
    live.edit(page(19), "changed");
    await until(() => live.rows()[page(19)] === "CHANGED");
    await live.clock.pass(120_000);
    expect(count()).toBe(20);
    expect(await flow.update()).toMatchObject({ ok: false, held: [{ rows: 11 }] });
    expect(await flow.update({ allowDeletions: 11 })).toMatchObject({
      ok: true,
      sources: { pages: { deleted: 11 } },
    });
    expect(live.rows()).toEqual(live.wanted());
  });

  test("go where it is just half", async () => {
    live.world.write(20);
    await live.follow(live.define());
    tellGone(pages(0, 10));
    await live.untilFresh();
    expect(live.heard("deletions-held")).toEqual([]);
  });

  test("are held from where it is too many, where they go one after the other", async () => {
    live.world.write(30);
    await live.follow(live.define());
    for (let at = 0; at < 20; at++) {
      tellGone([page(at)]);
      await live.clock.pass(1_000);
    }
    expect(count()).toBe(15);
    expect(live.heard("deletions-held").length).toBeGreaterThan(0);
    expect(live.heard("deletions-held")[0]).toMatchObject({ rows: 1, tracked: 30 });
  });

  test("go where they take longer than that", async () => {
    live.world.write(30);
    await live.follow(live.define());
    for (let at = 0; at < 25; at++) {
      tellGone([page(at)]);
      await live.clock.pass(10_000);
    }
    expect(live.rows()).toEqual(live.wanted());
  });

  test("may go of a source with few rows", async () => {
    live.world.write(19);
    await live.follow(live.define());
    tellGone(pages(0, 19));
    await live.untilFresh();
  });

  test("count together with those that a listing does not have any more", async () => {
    live.world.write(40);
    const flow = live.define();
    await live.follow(flow);
    tellGone(pages(0, 15));
    await live.untilFresh();
    for (const id of pages(15, 25)) live.notebook.remove(id);
    expect(await flow.update()).toMatchObject({ held: [{ rows: 25, tracked: 40 }] });
    expect(count()).toBe(25);
    await live.clock.pass(60_000);
    expect(await flow.update()).toMatchObject({ ok: true, sources: { pages: { deleted: 10 } } });
  });

  test("count together with those that a listing did not have any more", async () => {
    live.world.write(40);
    const flow = live.define();
    await live.follow(flow);
    for (const id of pages(0, 15)) live.notebook.remove(id);
    expect((await flow.update()).sources.pages).toMatchObject({ deleted: 15 });
    tellGone(pages(15, 25));
    await until(() => live.heard("deletions-held").length > 0);
    expect(live.heard("deletions-held")).toMatchObject([{ rows: 10, tracked: 40 }]);
  });

  test("count also where a listing did not have them, and it is told afterwards that they are gone", async () => {
    live.world.write(40);
    const flow = live.define();
    await live.follow(flow);
    for (const id of pages(0, 15)) live.notebook.remove(id);
    expect((await flow.update()).sources.pages).toMatchObject({ deleted: 15 });
    tellGone(pages(0, 15));
    await live.clock.rest();
    tellGone(pages(15, 25));
    await until(() => live.heard("deletions-held").length > 0);
    expect(live.heard("deletions-held")).toMatchObject([{ rows: 10, tracked: 40 }]);
  });

  test("count no more once they were approved", async () => {
    live.world.write(40);
    const flow = live.define();
    await live.follow(flow);
    tellGone(pages(0, 25));
    await until(() => live.heard("deletions-held").length > 0);
    expect(await flow.update({ allowDeletions: true })).toMatchObject({
      sources: { pages: { deleted: 25 } },
    });
    tellGone(pages(25, 26));
    await live.untilFresh();
    expect(live.heard("deletions-held")).toHaveLength(1);
  });

  test("do not count those that came back", async () => {
    live.world.write(20);
    await live.follow(live.define());
    for (let round = 0; round < 10; round++) {
      const ids = pages(0, 8);
      tellGone(ids);
      await live.untilFresh();
      for (const id of ids) live.edit(id, `round ${round}`);
      await live.untilFresh();
    }
    expect(live.heard("deletions-held")).toEqual([]);
  });

  test.each([true, 15])("go where the live update allows it: %s", async (allowDeletions) => {
    live.world.write(20);
    const flow = live.define();
    await live.follow(flow, { allowDeletions });
    tellGone(pages(0, 15));
    await live.untilFresh();
    expect(live.heard("deletions-held")).toEqual([]);
    for (const id of pages(15, 19)) live.notebook.remove(id);
    expect((await flow.update({ allowDeletions: 1 })).sources.pages).toMatchObject({ deleted: 4 });
  });

  test("are held where the live update allows less", async () => {
    live.world.write(20);
    await live.follow(live.define(), { allowDeletions: 14 });
    tellGone(pages(0, 15));
    await until(() => live.heard("deletions-held").length > 0);
    expect(count()).toBe(20);
  });
});

describe("a row that is held", () => {
  async function hold() {
    live.world.write(20);
    const flow = live.define();
    const updater = await live.follow(flow);
    const acknowledged: string[] = [];
    const ids = pages(0, 12);
    for (const id of ids) live.notebook.remove(id);
    live.feed.tell(
      ...ids.map((id) => ({ key: { id }, deleted: true, acknowledge: () => void acknowledged.push(id) })),
    );
    await until(() => live.heard("deletions-held").length > 0);
    await live.clock.rest();
    return { flow, updater, acknowledged };
  }

  test("is acknowledged only once it has gone", async () => {
    const { flow, acknowledged } = await hold();
    expect(acknowledged).toEqual([]);
    await flow.update();
    expect(acknowledged).toEqual([]);
    await flow.update({ allowDeletions: true });
    expect(acknowledged.sort()).toEqual(pages(0, 12));
  });

  test("is acknowledged once it has gone, where it is told of again while a listing has it go", async () => {
    const { flow, acknowledged } = await hold();
    const again = { key: { id: page(0) }, deleted: true, acknowledge: () => void acknowledged.push("again") };
    live.world.library.before = (rows) => {
      if (rows.some(({ id }) => id === page(0))) live.feed.tell(again);
    };
    await flow.update({ allowDeletions: true });
    await live.clock.rest();
    expect(acknowledged.sort()).toEqual(["again", ...pages(0, 12)]);
  });

  test("stays where it comes back, and is acknowledged; the others go once they are few enough", async () => {
    const { acknowledged } = await hold();
    for (const id of pages(0, 3)) live.edit(id, "back");
    await until(() => acknowledged.length === 3);
    expect(count()).toBe(20);
    tellGone([page(19)]);
    // Ten of twenty are gone now, of which nine were held.
    await live.untilFresh();
    expect(acknowledged).toHaveLength(12);
  });

  test("that has come back untold is found there by a listing, and never goes", async () => {
    const { flow } = await hold();
    for (const id of pages(0, 5)) live.notebook.write(id, "back");
    expect(await flow.update()).toMatchObject({
      ok: true,
      held: [],
      sources: { pages: { updated: 5, deleted: 7 } },
    });
    expect(live.rows()).toEqual(live.wanted());
    expect(live.world.library.deletes).toHaveLength(7);
  });

  test("that has come back untold, as it was, is looked at before it goes", async () => {
    live.world.write(20);
    await live.follow(live.define());
    const ids = pages(0, 12);
    const before = new Map(live.notebook.pages);
    tellGone(ids);
    await until(() => live.heard("deletions-held").length > 0);
    for (const id of pages(0, 6)) live.notebook.pages.set(id, before.get(id)!);
    for (const id of pages(6, 10)) live.edit(id, "back, and told");
    await until(() => live.rows()[page(9)] === "BACK, AND TOLD");
    // Now that the others are few enough, they are looked at.
    tellGone([page(19)]);
    await live.untilFresh();
    await live.clock.rest();
    expect(live.rows()).toEqual(live.wanted());
    expect(live.world.library.deletes.sort()).toEqual([page(10), page(11), page(19)]);
  });
});

test("a listing that is empty is held, and what is told of it goes on", async () => {
  live.world.write(3);
  const flow = live.define();
  await live.follow(flow);
  for (const id of pages(0, 3)) live.notebook.remove(id);
  expect(await flow.update()).toMatchObject({ held: [{ rows: 3 }] });
  live.edit("new", "new");
  await until(() => live.rows().new === "NEW");
  expect((await flow.update()).sources.pages).toMatchObject({ deleted: 3 });
});

test("rows that fail and are told to be gone go", async () => {
  const broken = textFunction("broken", (text) => {
    if (text === "bad") throw new Error("boom");
    return text.toUpperCase();
  });
  live.notebook.write("a", "good");
  const updater = await live.follow(live.define({ through: broken }));
  live.edit("a", "bad");
  await until(() => updater.updateStats().sources.pages!.failing === 1);
  tellGone(["a"]);
  await live.untilFresh();
  expect(updater.updateStats().sources.pages).toMatchObject({ failing: 0 });
});
