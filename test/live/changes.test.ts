import { describe, expect, test } from "vitest";
import { configure } from "../../src/index.ts";
import { type Deferred, deferred } from "../../src/kernel/deferred.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";
import { watchedStore } from "../worlds/watched-store.ts";

const live = useLive();

/** A function whose calls wait at a gate of their own text, until it is opened. */
function gated(options: { readonly concurrency?: number } = {}) {
  const calls: string[] = [];
  const gates = new Map<string, Deferred<void>>();
  const through = textFunction(
    "gated",
    async (text) => {
      calls.push(text);
      await gates.get(text)?.promise;
      return text.toUpperCase();
    },
    options,
  );
  const close = (...texts: readonly string[]) => {
    for (const text of texts) gates.set(text, deferred());
  };
  return { through, calls, close, open: (text: string) => gates.get(text)?.resolve() };
}

const statsOf = (updater: Awaited<ReturnType<typeof live.follow>>) =>
  updater.updateStats().info.sources.pages!;

describe("of several changes of a row", () => {
  test("the latest is taken once the attempt under way has ended", async () => {
    const { through, calls, close, open } = gated();
    const updater = await live.follow(live.define({ through }));
    close("one");
    live.edit("a", "one");
    await until(() => calls.length === 1);
    for (const text of ["two", "three", "four"]) {
      live.edit("a", text);
      await live.clock.rest();
    }
    expect(updater.updateStats().sources.pages!.waiting).toBe(1);
    open("one");
    await live.untilFresh();
    expect(calls).toEqual(["one", "four"]);
    expect(live.world.library.upserts).toEqual(["a", "a"]);
    expect(statsOf(updater)).toMatchObject({ inserted: 1, updated: 1, read: 2 });
  });

  test("the row is read where these came in no order: late ones, or the source was put back", async () => {
    const { through, calls, close, open } = gated();
    await live.follow(live.define({ through }));
    close("one");
    live.notebook.write("a", "three");
    const key = { id: "a" };
    live.feed.tell({ key, ordinal: 1, value: { text: "one" } });
    await until(() => calls.length === 1);
    live.feed.tell({ key, ordinal: 3, value: { text: "three" } });
    live.feed.tell({ key, ordinal: 2, value: { text: "two" } });
    await live.clock.rest();
    open("one");
    await live.untilFresh();
    expect([calls, live.notebook.reads]).toEqual([["one", "three"], 1]);
  });

  test("one whose ordinal is lower than what is known has the row read again", async () => {
    await live.follow(live.define());
    const key = { id: "a" };
    const write = (text: string, ordinal: number) => {
      live.notebook.write("a", text);
      live.feed.ordinals.set("a", ordinal);
    };
    write("later", 10);
    live.feed.tell({ key, ordinal: 10, value: { text: "later" } });
    await live.untilFresh();
    live.feed.tell({ key, ordinal: 5, value: { text: "late and old" } }, { key, ordinal: 6, deleted: true });
    await live.clock.rest();
    expect([live.rows(), live.notebook.reads]).toEqual([{ a: "LATER" }, 1]);
    // The source was restored from a backup: what a fresh read says wins whatever its ordinal.
    write("restored", 5);
    live.feed.tell({ key, ordinal: 5, value: { text: "restored" } });
    await live.untilFresh();
    expect(live.notebook.reads).toBe(2);
    write("goes on from there", 6);
    live.feed.tell({ key, ordinal: 6, value: { text: "goes on from there" } });
    await live.untilFresh();
    live.notebook.remove("a");
    live.feed.tell({ key, ordinal: 4 });
    await live.untilFresh();
  });

  test("one whose ordinal is lower than what was tried, and failed, has the row read again", async () => {
    const key = { id: "a" };
    live.notebook.write("a", "newer");
    live.feed.ordinals.set("a", 10);
    live.world.library.before = () => {
      throw new Error("refused");
    };
    await live.follow(live.define());
    expect(live.heard("row-failed")).toHaveLength(1);
    live.world.library.before = () => {};
    live.feed.tell({ key, ordinal: 9, value: { text: "late and old" } });
    await live.untilFresh();
    expect(live.world.library.upserts).toEqual(["a"]);
  });

  test("those of other rows do not wait for it", async () => {
    const { through, close, open } = gated();
    await live.follow(live.define({ through }));
    close("hanging");
    live.edit("a", "hanging");
    live.edit("b", "one");
    live.edit("a", "hanging");
    live.edit("b", "two");
    await until(() => live.rows().b === "TWO");
    open("hanging");
    await live.untilFresh();
  });
});

describe("a change", () => {
  test("that comes with its value needs no read", async () => {
    const updater = await live.follow(live.define());
    live.notebook.write("a", "one");
    const { version } = live.notebook.pages.get("a")!;
    live.feed.tell({ key: { id: "a" }, contentVersion: version, value: { text: "one" } });
    await live.untilFresh();
    live.feed.tell({ key: { id: "a" }, contentVersion: version });
    await live.clock.rest();
    expect(live.notebook.reads).toBe(0);
    expect(statsOf(updater)).toMatchObject({ inserted: 1, unchanged: 1 });
    expect(live.heard("row-done")).toMatchObject([{ row: "a", lagMs: expect.any(Number) }]);
  });

  test("of a row whose content is the same writes nothing", async () => {
    const updater = await live.follow(live.define());
    live.edit("a", "one");
    await live.untilFresh();
    live.edit("a", "one");
    await until(() => statsOf(updater).unchanged === 1);
    expect(live.world.library.upserts).toEqual(["a"]);
  });

  test("goes before hundreds of listed rows that wait for a function with one slot", async () => {
    const { through, calls, close, open } = gated({ concurrency: 1 });
    live.world.write(500);
    close("text 0");
    const flow = live.define({ through });
    await flow.setup();
    const updater = live.updater(flow);
    await updater.start();
    await until(() => statsOf(updater).inFlight === 500);
    live.edit("p0400", "told");
    live.edit("new", "told, too");
    await live.clock.rest();
    open("text 0");
    await until(() => calls.length > 3);
    // A row that is listed and told of waits for its own attempt, or is taken up by it.
    expect(calls.slice(0, 3)).toContain("told, too");
    await live.untilFresh();
    expect(calls.indexOf("told")).toBeLessThan(500);
  });

  test("goes before listed rows where few may be in flight", async () => {
    const { through, calls, close, open } = gated();
    configure({ maxInflightRows: 2 });
    live.world.write(300);
    close("text 0", "text 1");
    const flow = live.define({ through });
    await flow.setup();
    const updater = live.updater(flow);
    await updater.start();
    await until(() => calls.length === 2);
    live.edit("p0200", "told");
    await live.clock.rest();
    open("text 0");
    await until(() => calls.length > 2);
    expect(calls[2]).toBe("told");
    open("text 1");
    await live.untilFresh();
  });
});

describe("while a listing is under way", () => {
  /** Does something once, when the first page has been listed, or when all have. */
  function during(what: () => void | Promise<void>, at = 1): void {
    let listed = 0;
    live.feed.afterEach = async () => {
      if (++listed !== at) return;
      live.feed.afterEach = null;
      await what();
    };
  }

  test.each([
    ["inline values", { inline: true }, true],
    ["inline values", { inline: true }, false],
    ["versions alone", {}, true],
    ["versions alone", {}, false],
  ])("an older state of a row that it yields with %s does not win", async (_with, shape, landed) => {
    live.world.write(3);
    const flow = live.define(shape);
    await live.follow(flow);
    // What a listing yields is older than what is told before it is looked at.
    live.feed.afterRead = async (id) => {
      if (id !== "p0001") return;
      live.feed.afterRead = null;
      live.edit("p0001", "newer");
      if (landed) await until(() => live.rows().p0001 === "NEWER");
    };
    live.notebook.write("p0001", "new");
    await flow.update();
    await live.untilFresh();
    await live.clock.rest();
    expect(live.rows()).toEqual(live.wanted());
    expect((await flow.update()).sources.pages).toMatchObject({ unchanged: 3 });
  });

  test.each([1, 2, 3])("a row that is created and told of is kept, %s", async (at) => {
    live.world.write(3);
    const flow = live.define();
    await live.follow(flow);
    during(async () => {
      live.edit("a", "new");
      live.edit("z", "new");
      await until(() => live.rows().a === "NEW" && live.rows().z === "NEW");
    }, at);
    expect((await flow.update()).sources.pages).toMatchObject({ inserted: 2, deleted: 0 });
    expect(live.rows()).toEqual(live.wanted());
    expect(live.world.library.deletes).toEqual([]);
  });

  test.each([1, 2, 3])("a row that is removed and told of goes, %s", async (at) => {
    live.world.write(3);
    const flow = live.define();
    const updater = await live.follow(flow);
    during(() => live.remove("p0000", "p0002"), at);
    await flow.update();
    await live.untilFresh();
    await live.clock.rest();
    expect(statsOf(updater)).toMatchObject({ inserted: 3, deleted: 2 });
  });

  test("a row that is removed and created again, and told of, is there", async () => {
    live.world.write(3);
    const flow = live.define();
    await live.follow(flow);
    live.notebook.remove("p0001");
    during(async () => {
      live.edit("p0001", "back again");
      await live.clock.rest();
    }, 2);
    await flow.update();
    await live.untilFresh();
    expect(live.world.library.deletes).toEqual([]);
  });

  test("a row that it finds stays, though it was told to be gone before and was not taken away yet", async () => {
    const { through, close, open } = gated();
    live.edit("a", "one");
    close("slow");
    await live.follow(live.define({ through }));
    live.edit("b", "slow");
    live.feed.tell({ key: { id: "a" }, deleted: true });
    await live.clock.rest();
    live.notebook.write("a", "two");
    live.feed.watching[0]!.options.missed("a change was lost");
    await until(() => live.rows().a === "TWO");
    open("slow");
    await live.untilFresh();
    await live.clock.rest();
    expect(live.rows()).toEqual(live.wanted());
    expect(live.world.library.deletes).toEqual([]);
  });

  test("rows that were told and are gone are gone when the update that looks for them has ended", async () => {
    live.world.write(5);
    const flow = live.define();
    await live.follow(flow);
    for (let round = 0; round < 5; round++) {
      live.remove(`p000${round}`);
      for (let turn = 0; turn < round; turn++) await Promise.resolve();
      const info = await flow.update();
      expect(live.rows()).toEqual(live.wanted());
      expect(info.ok).toBe(true);
    }
  });

  test("rows that are created in masses, and are not in it, are not taken for lost", async () => {
    live.world.write(20);
    const flow = live.define();
    await live.follow(flow);
    during(async () => {
      for (let at = 0; at < 60; at++) live.edit(`z${at}`, `new ${at}`);
      await until(() => Object.keys(live.rows()).length === 80);
    }, 20);
    expect(await flow.update()).toMatchObject({ ok: true, held: [], sources: { pages: { inserted: 60 } } });
    expect(live.rows()).toEqual(live.wanted());
  });
});

describe("a row that fails", () => {
  /** Fails for texts that begin with "bad", as long as it is. */
  function moody() {
    const mood = { bad: true, calls: [] as string[], times: [] as number[] };
    const through = textFunction("moody", (text) => {
      mood.calls.push(text);
      if (text.startsWith("bad")) mood.times.push(live.clock.now());
      if (mood.bad && text.startsWith("bad")) throw new Error("boom");
      return text.toUpperCase();
    });
    return { mood, through };
  }

  test("keeps nothing from the others, and is tried again when its time has come", async () => {
    const { mood, through } = moody();
    live.notebook.write("poison", "bad");
    const updater = await live.follow(live.define({ through, refreshInterval: "1s" }));
    expect(updater.updateStats().sources.pages).toMatchObject({ failing: 1 });
    live.edit("b", "good");
    await until(() => live.rows().b === "GOOD");
    const began = live.clock.now();
    while (mood.times.length < 4) await live.clock.pass(100);
    const waits = mood.times.slice(1).map((time, at) => time - mood.times[at]!);
    // Half the wait to all of it, and a second until it is noticed; refresh listings leave the row alone meanwhile.
    for (const [at, longestMs] of [10_000, 20_000, 40_000].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(longestMs / 2);
      expect(waits[at]).toBeLessThanOrEqual(longestMs + 1_100);
    }
    expect(live.listings.length).toBe(1 + Math.floor((live.clock.now() - began) / 1_000));
    mood.bad = false;
    await live.clock.pass(81_100);
    expect(live.rows()).toEqual(live.wanted());
    expect(updater.updateStats().sources.pages).toMatchObject({ failing: 0 });
    const tries = mood.times.length;
    await live.clock.pass(120_000);
    expect(mood.times).toHaveLength(tries);
  });

  test.each([
    ["is told of", () => live.feed.touch("a")],
    ["is listed", () => live.clock.pass(1_000)],
  ])("is tried at once when it changes and %s", async (_how, tell) => {
    const { mood, through } = moody();
    live.notebook.write("a", "bad");
    await live.follow(live.define({ through, refreshInterval: "1s" }));
    live.notebook.write("a", "better");
    await tell();
    await live.untilFresh();
    expect(mood.calls).toEqual(["bad", "better"]);
  });

  test("is tried at once when it is told of, changed or not, and by an update", async () => {
    const { mood, through } = moody();
    live.notebook.write("a", "bad");
    const flow = live.define({ through });
    await live.follow(flow);
    live.feed.touch("a");
    await until(() => mood.calls.length === 2);
    expect(await flow.update()).toMatchObject({ ok: false, sources: { pages: { failed: 1 } } });
    expect(mood.calls).toHaveLength(3);
  });

  test("is tried in the first pass of the next live update", async () => {
    const { mood, through } = moody();
    live.notebook.write("a", "bad");
    const flow = live.define({ through });
    await (await live.follow(flow)).abort();
    mood.bad = false;
    await live.follow(flow);
    expect(live.rows()).toEqual(live.wanted());
  });

  test("and is gone goes when it is told of", async () => {
    const { through } = moody();
    live.notebook.write("a", "bad");
    const updater = await live.follow(live.define({ through }));
    live.remove("a");
    await until(() => updater.updateStats().sources.pages!.failing === 0);
    expect(live.world.state.flows.values().next().value!.sources.values().next().value!.size).toBe(0);
  });
});

describe("a change is acknowledged", () => {
  /** What happens, in the order in which it does. */
  function watched() {
    const log: string[] = [];
    const state = live.world.state;
    const store = openMemoryStore({ state, clock: live.clock });
    configure({ store: watchedStore(store, (moment) => log.push(moment)) });
    return log;
  }

  /** Tells of a page's change; the log learns of its acknowledgement. */
  function tell(log: string[], id: string, name: string, more: { readonly deleted?: boolean } = {}): void {
    live.feed.tell({ key: { id }, ...more, acknowledge: () => void log.push(`acknowledged ${name}`) });
  }

  test("after its commit, and not before", async () => {
    const log = watched();
    await live.follow(live.define());
    log.length = 0;
    live.world.library.after = () => log.push("applied");
    live.notebook.write("a", "one");
    tell(log, "a", "1");
    await until(() => log.includes("acknowledged 1"));
    expect(log).toEqual(["write", "written", "applied", "write", "written", "acknowledged 1"]);
  });

  test("when one that stands for it has landed", async () => {
    const log = watched();
    const { through, calls, close, open } = gated();
    await live.follow(live.define({ through }));
    close("one", "three");
    live.notebook.write("a", "one");
    tell(log, "a", "1");
    await until(() => calls.length === 1);
    live.notebook.write("a", "two");
    tell(log, "a", "2");
    live.notebook.write("a", "three");
    tell(log, "a", "3");
    await live.clock.rest();
    open("one");
    await until(() => calls.length === 2);
    await live.clock.rest();
    expect(log.filter((moment) => moment.startsWith("ack"))).toEqual(["acknowledged 1"]);
    open("three");
    await until(() => log.includes("acknowledged 3"));
    expect(log.slice(-4)).toEqual(["write", "written", "acknowledged 2", "acknowledged 3"]);
  });

  test("when the row's going has landed, or it was never there", async () => {
    const log = watched();
    await live.follow(live.define());
    live.edit("a", "one");
    await live.untilFresh();
    log.length = 0;
    live.notebook.remove("a");
    tell(log, "a", "told to be deleted", { deleted: true });
    await until(() => log.some((moment) => moment.startsWith("ack")));
    expect(log.slice(-2)).toEqual(["written", "acknowledged told to be deleted"]);
    tell(log, "never", "never there");
    tell(log, "never", "never there either", { deleted: true });
    await until(() => log.filter((moment) => moment.includes("never")).length === 2);
  });

  test("when the row's going has landed, told twice while there was no room for it", async () => {
    configure({ maxInflightRows: 1 });
    const log = watched();
    const taken = deferred<void>();
    await live.follow(live.define());
    live.edit("a", "one");
    live.edit("b", "one");
    await live.untilFresh();
    live.notebook.remove("a");
    const gone = { key: { id: "a" }, deleted: true };
    const slow = { key: { id: "b" }, acknowledge: () => taken.promise };
    live.feed.tell({ ...gone, acknowledge: () => void log.push("first") }, slow);
    await live.clock.rest();
    tell(log, "a", "again", { deleted: true });
    await live.clock.pass(5_000);
    expect(log).not.toContain("first");
    taken.resolve();
    await until(() => log.includes("first") && log.includes("acknowledged again"));
  });

  test("when nothing is to be done for it", async () => {
    const log = watched();
    await live.follow(live.define());
    live.edit("a", "one");
    await live.untilFresh();
    tell(log, "a", "again");
    await until(() => log.includes("acknowledged again"));
  });

  test("once its failure is on record", async () => {
    const log = watched();
    const broken = textFunction("broken", () => {
      log.push("failed");
      throw new Error("boom");
    });
    await live.follow(live.define({ through: broken }));
    log.length = 0;
    live.notebook.write("a", "one");
    tell(log, "a", "1");
    await until(() => log.includes("acknowledged 1"));
    expect(log).toEqual(["failed", "write", "written", "acknowledged 1"]);
  });

  test("never where it was stopped before", async () => {
    const log: string[] = [];
    const { through, calls, close, open } = gated();
    const updater = await live.follow(live.define({ through }));
    close("one");
    live.notebook.write("a", "one");
    tell(log, "a", "1");
    await until(() => calls.length === 1);
    tell(log, "a", "2");
    await live.clock.rest();
    await updater.abort();
    open("one");
    await live.clock.rest();
    expect(log).toEqual([]);
    expect((await updater.wait()).sources.pages).toMatchObject({ inserted: 0, inFlight: 0 });
  });

  test("and what that throws is reported, and stops nothing", async () => {
    await live.follow(live.define());
    for (const acknowledge of [
      () => {
        throw new Error("thrown");
      },
      () => Promise.reject(new Error("rejected")),
    ]) {
      live.notebook.write("a", "one");
      live.feed.tell({ key: { id: "a" }, acknowledge });
    }
    await until(() => live.heard("acknowledge-failed").length === 2);
    expect(live.heard("acknowledge-failed")).toMatchObject([
      { source: "pages", row: "a", error: { message: "thrown", where: { source: "pages", row: "a" } } },
      { error: { message: "rejected" } },
    ]);
    live.edit("b", "two");
    await live.untilFresh();
  });
});

test("fifty thousand changes of few rows leave nothing behind", async () => {
  // Heard by nobody: events would be what is left.
  const updater = await live.follow(live.define(), { report: () => {} });
  let acknowledged = 0;
  const acknowledge = () => void acknowledged++;
  for (let at = 0; at < 50_000; at += 20) {
    const ids = Array.from({ length: 20 }, (_, more) => `p${(at + more) % 7}`);
    for (const [more, id] of ids.entries()) {
      if ((at + more) % 11 === 0) live.notebook.remove(id);
      else live.notebook.write(id, `text ${at + more}`);
    }
    live.feed.tell(...ids.map((id) => ({ key: { id }, acknowledge })));
    await live.clock.idle();
  }
  await until(() => acknowledged === 50_000);
  await live.untilFresh();
  const { sources, info } = updater.updateStats();
  expect(sources.pages).toMatchObject({ changes: 50_000, waiting: 0, failing: 0 });
  expect(info.sources.pages).toMatchObject({ inFlight: 0, failed: 0 });
  expect(info.sources.pages!.read).toBeLessThan(52_000);
  await updater.abort();
  expect(live.clock.sleepers).toBe(0);
});
