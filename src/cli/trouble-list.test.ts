import { expect, test } from "vitest";
import {
  heldOf,
  listed,
  rowDone,
  rowFailed,
  watchArmed,
  watchDegraded,
  watchEnded,
} from "../../test/support/live-samples.ts";
import type { EngineEvent } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import { TroubleList } from "./trouble-list.ts";

/** A list, and what it shows after events: what is over in brackets. */
function openList() {
  const list = new TroubleList((rows) => `approve ${rows}`);
  const shown = (now: number) =>
    list.shown(now).map(({ text, overText, overAt }) => (overAt === null ? text() : `(${overText})`));
  return { list, shown, apply: (event: EngineEvent, now: number) => list.apply(event, now) };
}

test("the latest comes first, and what waits for somebody before all", () => {
  const { apply, shown, list } = openList();
  apply(heldOf(31), 0);
  apply(rowFailed("a.md"), 1);
  apply(rowFailed("b.md"), 2);
  expect(shown(3)).toEqual([
    "documents: deletions are held for approval: 31 of 40 rows are gone",
    "documents b.md: boom",
    "documents a.md: boom",
  ]);
  expect(list.shown(3)[0]!.command).toBe("approve 31");
});

test("a row that succeeds is over, is shown so, and leaves", () => {
  const { apply, shown } = openList();
  apply(rowFailed("a.md"), 0);
  apply(rowFailed("b.md"), 1);
  expect(apply(rowDone("a.md"), 1_000).over).toHaveLength(1);
  expect(shown(1_000)).toEqual(["documents b.md: boom", "(documents a.md: done now)"]);
  expect(shown(11_001)).toEqual(["documents b.md: boom"]);
  expect(apply(rowDone("a.md"), 12_000).over).toEqual([]);
});

test.each<[string, EngineEvent, EngineEvent, string]>([
  ["a watcher", watchEnded(), watchArmed, "documents: watched again"],
  [
    "what is not noticed",
    watchDegraded("too many"),
    watchDegraded(null),
    "documents: every change is noticed again",
  ],
  [
    "a listing",
    { kind: "source-incomplete", source: "documents", error: new SluiceError("listing-incomplete", "no") },
    listed(),
    "documents: listed completely again",
  ],
  [
    "changes that were missed",
    { kind: "changes-missed", source: "documents", reason: "overflow" },
    listed(),
    "documents: listed, with what may have been missed",
  ],
  ["deletions that are held", heldOf(31), listed(), "documents: no deletions are held any more"],
  [
    "a target",
    {
      kind: "target-failed",
      targetKind: "pg",
      rows: 2,
      error: new SluiceError("target-unavailable", "down"),
    },
    { kind: "target-recovered", targetKind: "pg" },
    "pg takes writes again",
  ],
])("the trouble of %s has its end", (_what, began, ended, said) => {
  const { apply, shown } = openList();
  apply(began, 0);
  expect(shown(600_000)).toHaveLength(1);
  apply(ended, 600_000);
  expect(shown(600_000)).toEqual([`(${said})`]);
});

test("an incomplete listing ends no trouble of the one before", () => {
  const { apply, shown } = openList();
  apply(heldOf(31), 0);
  apply(listed(false), 1);
  apply(listed(true, "notes"), 1);
  expect(shown(2)[0]).toMatch(/^documents: deletions are held/);
});

test("what has no end leaves after a while", () => {
  const { apply, shown } = openList();
  const error = new SluiceError("mutate-failed", "locked");
  apply({ kind: "key-failed", target: "Pages", key: "a", error }, 0);
  apply({ kind: "retrying", what: "target pg", attempt: 1, delayMs: 2_000, error }, 0);
  apply({ kind: "refresh-overrun", source: "documents", tookMs: 7_200, intervalMs: 5_000 }, 0);
  expect(shown(7_000)).toEqual([
    "documents: a listing took 7.2 s, longer than the refreshInterval of 5.0 s",
    "target pg: trying again in 2.0 s: locked",
    "Pages a could not be deleted: locked",
  ]);
  expect(shown(7_001)).toHaveLength(2);
  expect(shown(60_001)).toEqual([]);
});

test("a watcher that died says anew what it does not notice", () => {
  const { apply, shown } = openList();
  apply(watchDegraded("too many"), 0);
  const { over } = apply(watchEnded(), 1);
  expect(over).toEqual([]);
  expect(shown(1)).toEqual(["documents: EMFILE; started again in 2.0 s"]);
});

test("the same is news once, again after it was over, and again after ten minutes", () => {
  const { apply } = openList();
  const isNews = (event: EngineEvent, now: number) => apply(event, now).isNews;
  expect(isNews(rowFailed("a.md"), 0)).toBe(true);
  expect(isNews(rowFailed("a.md"), 10_000)).toBe(false);
  expect(isNews(rowFailed("a.md", "something else"), 20_000)).toBe(true);
  expect(isNews(rowFailed("a.md", "something else"), 619_999)).toBe(false);
  expect(isNews(rowFailed("a.md", "something else"), 620_000)).toBe(true);
  apply(rowDone("a.md"), 630_000);
  expect(isNews(rowFailed("a.md", "something else"), 640_000)).toBe(true);
});

test("deletions that each listing finds held are news once, and when there are twice as many", () => {
  const { apply } = openList();
  const news = [20, 20, 21, 31, 32, 40].map((rows, pass) => {
    apply(listed(), pass * 5_000);
    return apply(heldOf(rows), pass * 5_000 + 2).isNews;
  });
  expect(news).toEqual([true, false, false, false, true, false]);
});

test("of very many the oldest rows are forgotten, and nothing that is of more weight", () => {
  const { apply, list } = openList();
  apply(heldOf(31), 0);
  apply(watchEnded(), 0);
  for (let row = 0; row < 10_000; row++) apply(rowFailed(`${row}.md`), row);
  const shown = list.shown(10_000);
  expect(shown).toHaveLength(200);
  expect(shown.map(({ key }) => key)).toEqual(expect.arrayContaining(["held documents", "watch documents"]));
  expect(shown[1]!.text()).toBe("documents 9999.md: boom");
});
