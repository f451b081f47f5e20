import { describe, expect, test } from "vitest";
import { heldOf, rowDone, rowFailed, statsOf } from "../../test/support/live-samples.ts";
import type { EngineEvent, LiveStats } from "../app/events.ts";
import { LiveModel } from "./live-model.ts";
import { renderLive } from "./render-live.ts";
import { plainStyle, styleFor } from "./style.ts";
import { textWidth } from "./text-width.ts";

const approval = (rows: number) => `sluice update flows.ts:Docs --allow-deletions=${rows}`;
const began = 1_000_000;

function openModel(flow = "Docs"): LiveModel {
  const failuresCommand = "sluice failures flows.ts:Docs";
  return new LiveModel({ flow, approvalOf: approval, failuresCommand }, began);
}

interface Shown {
  readonly columns?: number;
  readonly rows?: number;
  readonly afterMs?: number;
}

function lines(
  model: LiveModel | readonly LiveModel[],
  { columns = 80, rows = 24, afterMs = 0 }: Shown = {},
) {
  const now = began + afterMs;
  const views = [model].flat().map((one) => one.view(now));
  return renderLive(views, { columns, rows, now, style: plainStyle });
}

/** A model that has seen these stats. */
function shownBy(stats: LiveStats, afterMs = 0): LiveModel {
  const model = openModel();
  model.observe(stats, began + afterMs);
  return model;
}

const busy = statsOf({
  documents: {
    lastChangeAt: began + 55_000,
    waiting: 31,
    failing: 1,
    counts: { unchanged: 99, inserted: 12_000, updated: 300, deleted: 40, reprocessed: 5, inFlight: 2 },
  },
  notes: { state: "listing", watcher: null, refreshIntervalMs: 5_000, counts: { inFlight: 512 } },
});

describe("the block", () => {
  test("has a line a source, one for the flow as a whole, and what goes wrong", () => {
    const model = shownBy(busy, 60_000);
    model.apply(rowFailed("b.md", "cannot render"), began + 48_000);
    expect(lines(model, { afterMs: 60_000 })).toEqual([
      "Docs  following  1 min 00 s",
      "  source     state      last change  waiting  in flight       done  failing",
      "  documents  following      5 s ago       31          2     12,345        1",
      "  notes      listing              –        0        512          0        0",
      "  0 rows/s",
      "  ✗   12 s ago  documents b.md: cannot render",
    ]);
  });

  test("is there before anything is known", () => {
    expect(lines(openModel())).toEqual(["Docs  starting  0 s", "  0 rows/s"]);
    expect(lines([])).toEqual([]);
  });

  test("counts in the first pass what needs nothing", () => {
    const stats = statsOf({ documents: { state: "listing", counts: { unchanged: 1_000 } } }, "updating");
    expect(lines(shownBy(stats), { afterMs: 5_500 })[0]).toBe("Docs  updating  5 s  1,000 unchanged");
    expect(lines(shownBy({ ...stats, state: "following" }))[0]).toBe("Docs  following  0 s");
  });

  test("says of a source what there is to say", () => {
    const watcher = { state: "watching", restarts: 0, lastSignAt: null, error: null } as const;
    const stats = statsOf({
      a: { watcher: { ...watcher, state: "degraded", restarts: 2 } },
      b: { watcher: { ...watcher, state: "waiting", restarts: 1 } },
      c: { state: "retrying" },
      d: { state: "ended", watcher: null },
      e: { watcher: null, refreshIntervalMs: 1_000 },
    });
    const [head, , ...sources] = lines(shownBy(stats));
    expect(head).toBe("Docs  following  0 s  3 restarts");
    expect(sources.slice(0, 5).map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual([
      ["a", "degraded"],
      ["b", "unwatched"],
      ["c", "retrying"],
      ["d", "listed"],
      ["e", "following"],
    ]);
  });

  test("has the sources of one flow below those of the other", () => {
    const both = [shownBy(statsOf({ a: {} })), shownBy(busy)];
    const shown = lines(both).filter(
      (line) => / (state|following|listing) /.test(line) && line.startsWith("  "),
    );
    expect(shown).toHaveLength(5);
    expect(new Set(shown.map((line) => line.search(/state|following|listing/))).size).toBe(1);
  });

  test("has the last change, also of a source that is only listed", () => {
    const model = shownBy(statsOf({ documents: {}, notes: { watcher: null, lastChangeAt: began } }), 60_000);
    model.apply({ ...rowDone("a.md"), outcome: "unchanged" } as EngineEvent, began + 59_000);
    model.apply(rowDone("a.md"), began + 20_000);
    expect(lines(model, { afterMs: 60_000 }).slice(2, 4)).toEqual([
      "  documents  following     40 s ago        0          0          0        0",
      "  notes      following    1 min ago        0          0          0        0",
    ]);
  });

  test("has the rows a second of the last five, and the lag", () => {
    const model = openModel();
    for (let ms = 0; ms <= 10_000; ms += 100) {
      if (ms > 5_000) model.apply(rowDone("a.md", 20 + (ms % 1_000) / 100), began + ms);
      const updated = ms <= 5_000 ? 0 : ms - 5_000;
      model.observe(statsOf({ documents: { counts: { updated, unchanged: ms * 7 } } }), began + ms);
    }
    expect(lines(model, { afterMs: 10_000 })[3]).toBe(
      "  1,000 rows/s, lag 20 ms (last minute: median 24 ms, max 29 ms)",
    );
    for (let ms = 10_100; ms <= 80_000; ms += 100)
      model.observe(statsOf({ documents: { counts: { updated: 5_000 } } }), began + ms);
    expect(lines(model, { afterMs: 80_000 })[3]).toBe("  0 rows/s, lag 20 ms");
  });

  test("goes on when the clock is set back", () => {
    const model = openModel();
    for (const [at, updated] of [
      [9_000_000, 5],
      [0, 5],
      [1_000, 15],
    ] as const)
      model.observe(statsOf({ documents: { counts: { updated } } }), began + at);
    expect(lines(model, { afterMs: 1_000 })[3]).toBe("  10 rows/s");
  });

  test("gives the command that approves what is held, whole at 80 columns", () => {
    const model = shownBy(statsOf({ documents: {} }));
    model.apply(heldOf(31), began);
    expect(lines(model).slice(4)).toEqual([
      "  ✗    0 s ago  documents: deletions are held for approval: 31 of 40 rows are …",
      "    stop, then run: sluice update flows.ts:Docs --allow-deletions=31",
    ]);
  });

  test("names five troubles, and says how many rows fail beside", () => {
    const model = shownBy(statsOf({ documents: { failing: 12 } }));
    for (let row = 0; row < 12; row++) model.apply(rowFailed(`${row}.md`), began);
    const troubles = lines(model).slice(4);
    expect(troubles).toHaveLength(6);
    expect(troubles[0]).toContain("documents 11.md: boom");
    expect(troubles[5]).toBe("  and 7 more rows failing: sluice failures flows.ts:Docs");
  });

  test("keeps a flow that ended by an error, in a line, while others go on", () => {
    const model = openModel("Broken");
    const views = [{ ...model.view(began), ended: "the store\nis full" }, shownBy(busy).view(began)];
    const shown = renderLive(views, { columns: 80, rows: 24, now: began, style: plainStyle });
    expect(shown.slice(0, 2)).toEqual(["Broken  ended: the store is full", "Docs  following  0 s"]);
  });
});

describe("the block fits", () => {
  const names = [
    "documents",
    "a-source-with-a-very-long-name-indeed-which-nobody-would-type",
    "日本語の文書がここにあります日本語の文書がここにあります",
    "tab\there",
    ...Array.from({ length: 30 }, (_, n) => `source-${n}`),
  ];
  const crowd = statsOf(
    Object.fromEntries(
      names.map((name, n) => [
        name,
        {
          lastChangeAt: began - n * 1_000_000,
          waiting: n ** 4,
          failing: n,
          counts: { inserted: n ** 6, inFlight: n * 40 },
        },
      ]),
    ),
  );
  const coloured = styleFor({}, { FORCE_COLOR: "1" });

  test.each([
    [80, 24],
    [40, 24],
    [20, 24],
    [200, 24],
    [80, 50],
    [80, 10],
    [80, 4],
    [80, 1],
  ])("a terminal of %d columns and %d rows", (columns, rows) => {
    for (const [sources, flows] of [
      [0, 1],
      [1, 1],
      [4, 1],
      [names.length, 1],
      [3, 4],
      [4, 12],
      [2, 40],
    ] as const) {
      const models = Array.from({ length: flows }, (_, n) => {
        const model = openModel(n === 1 ? "日本".repeat(60) : `Flow${n}`);
        const shown = Object.entries(crowd.sources).slice(0, sources);
        model.observe({ ...crowd, sources: Object.fromEntries(shown) }, began);
        for (let row = 0; row < 9; row++)
          model.apply(rowFailed(`${"本".repeat(row * 20)}.md`, "x".repeat(200)), began);
        model.apply(heldOf(31), began);
        model.apply(rowDone("a.md", 123_456_789), began);
        return model;
      });
      for (const style of [plainStyle, coloured]) {
        const shown = renderLive(
          models.map((model) => model.view(began)),
          { columns, rows, now: began, style },
        );
        expect(shown.length).toBeGreaterThan(0);
        expect(shown.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        for (const line of shown) expect(textWidth(line), line).toBeLessThan(Math.max(21, columns));
        expect(shown.join("")).not.toContain("\t");
      }
    }
  });

  test("without a column where it is narrow, the one that says least first", () => {
    const labels = (columns: number) =>
      lines(shownBy(busy), { columns })[1]!
        .trim()
        .split(/\s{2,}/);
    expect(labels(72)).toEqual(["source", "state", "last change", "in flight", "done", "failing"]);
    expect(labels(60)).toEqual(["source", "state", "in flight", "done", "failing"]);
    expect(labels(50)).toEqual(["source", "state", "done", "failing"]);
    expect(labels(40)).toEqual(["source", "state", "failing"]);
    expect(labels(30)).toEqual(["source", "state"]);
  });

  test("with fewer sources where there are many, and what the others do", () => {
    const shown = lines(shownBy(crowd), { rows: 16 });
    expect(shown).toHaveLength(13);
    expect(shown[10]).toMatch(/^ {2}and 26 more sources: 26 following, [\d,]+ rows failing$/);
  });

  test("with a line a flow where there are very many flows", () => {
    const models = Array.from({ length: 40 }, (_, n) => {
      const model = openModel(`Flow${n}`);
      model.observe(busy, began);
      return model;
    });
    const shown = lines(models);
    expect(shown).toHaveLength(23);
    expect(shown[0]).toBe("Flow0  following  0 s  1 row failing");
    expect(shown[22]).toBe("and 18 more flows");
  });
});
