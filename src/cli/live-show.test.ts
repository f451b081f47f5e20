import { PassThrough } from "node:stream";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { heldOf, infoOf, rowDone, rowFailed, statsOf } from "../../test/support/live-samples.ts";
import { Screen } from "../../test/support/screen.ts";
import type { EngineEvent, LiveStats } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import { LiveShow } from "./live-show.ts";
import { plainStyle } from "./style.ts";

/** A terminal of 80 columns, or none, and flows that are shown on it. */
function openShow({ isTerminal = true, quiet = false, json = false } = {}) {
  vi.useFakeTimers({ now: Date.parse("2026-01-31T12:00:00.000Z") });
  const screen = new Screen(80);
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  stream.on("data", (chunk: Buffer) => screen.write(chunk.toString()));
  const display = stream as PassThrough as NodeJS.WriteStream & PassThrough;
  const printed: string[] = [];
  const told: string[] = [];
  const stop = new AbortController();
  const show = new LiveShow({
    quiet,
    json,
    signal: stop.signal,
    terminal: {
      print: (text) => void printed.push(text),
      tell: (text) => {
        told.push(text);
        if (isTerminal) stream.write(`${text}\n`);
      },
      columns: 80,
      errColumns: isTerminal ? 80 : null,
      outStyle: plainStyle,
      errStyle: plainStyle,
      interactive: false,
      display: isTerminal ? display : null,
      verbose: false,
    },
  });
  onTestFinished(() => {
    show.close();
    vi.useRealTimers();
  });
  return { show, screen, printed, told, stop };
}

const followed = statsOf({ documents: { counts: { inserted: 2 } } });
const info = infoOf({ documents: { inserted: 2, read: 2 } });
const caughtUp: EngineEvent = { kind: "caught-up", info };

function follow(show: LiveShow, stats: LiveStats = followed) {
  const flow = show.flow({ file: "flows.ts", flow: "Docs" });
  flow.follow(() => stats);
  return flow;
}

describe("on a terminal", () => {
  test("the block stands below the summary of the first pass, and goes in the end", async () => {
    const { show, screen, printed, told, stop } = openShow();
    const flow = follow(show);
    await vi.advanceTimersByTimeAsync(1_000);
    flow.report(caughtUp);
    flow.report(rowFailed("a.md"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(printed).toEqual([
      "Docs: updated in 1.2 s",
      "  documents  0 unchanged, 2 inserted, 0 updated, 0 deleted, 2 read",
    ]);
    expect(told).toEqual([]);
    expect(screen.lines()).toEqual([
      "Docs  following  3 s",
      "  source     state      last change  waiting  in flight       done  failing",
      "  documents  following            –        0          0          2        0",
      "  0 rows/s",
      "  ✗    2 s ago  documents a.md: boom",
    ]);
    stop.abort();
    flow.end({ flow: "Docs", info: infoOf({ documents: { inserted: 2, updated: 1, unchanged: 99 } }) });
    show.close();
    expect(printed.slice(2)).toEqual([
      "Docs: live for 1.2 s",
      "  documents  2 inserted, 1 updated, 0 deleted, 0 read",
    ]);
    expect(screen.lines()).toEqual(["Docs: stopped; run the command again to go on"]);
  });

  test("nothing is asked or drawn again while nothing happens, but for the time", async () => {
    const { show } = openShow();
    const flow = show.flow({ file: "flows.ts", flow: "Docs" });
    let asked = 0;
    flow.follow(() => {
      asked++;
      return followed;
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBeLessThanOrEqual(12);
    flow.report(rowDone("a"));
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toBeLessThanOrEqual(14);
  });

  test("deletions that come to be held are told above, once, with the whole command", async () => {
    const { show, told } = openShow();
    const flow = follow(show);
    flow.report(caughtUp);
    flow.report(heldOf(31));
    flow.report(heldOf(31));
    expect(told).toEqual([
      "Docs: the deletions of documents are held for approval: 31 of 40 rows are gone",
      "hint: If they are to go, stop the live update and run: sluice update flows.ts:Docs --allow-deletions=31",
    ]);
  });

  test("a notice is told above the block, wrapped, to stay there", async () => {
    const { show, screen, told } = openShow();
    const flow = follow(show);
    flow.report({
      kind: "notice",
      about: "function splitRecursively",
      message: "no grammar for python is installed, so it is split by rules and not by its syntax",
    });
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toEqual([
      "note: function splitRecursively: no grammar for python is installed, so it is",
      "      split by rules and not by its syntax",
    ]);
    expect(screen.lines().slice(0, 3)).toEqual([...told, "Docs  following  0 s"]);
  });

  test("a flow that fails is told, and leaves a line while others go on", async () => {
    const { show, screen, told } = openShow();
    const broken = show.flow({ file: "flows.ts", flow: "Broken" });
    follow(show);
    broken.end({ flow: "Broken", error: new SluiceError("flow-held", "it is held", { hint: "Wait." }) });
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toEqual(["error: it is held\nhint: Wait."]);
    expect(screen.lines().slice(2, 4)).toEqual(["Broken  ended: it is held", "Docs  following  0 s"]);
  });

  test("what has nothing to follow is summarised, and says so", () => {
    const { show, printed, told } = openShow();
    const flow = follow(show, statsOf({ documents: { state: "ended", watcher: null } }));
    flow.report(caughtUp);
    expect(printed).toEqual([]);
    flow.end({ flow: "Docs", info });
    expect(printed).toHaveLength(2);
    expect(told).toEqual([
      "Docs: there is nothing to follow: no source is watched or has a refreshInterval",
      "hint: Give addSource a refreshInterval, or localFiles watchChanges.",
    ]);
  });
});

describe("without a terminal", () => {
  test("it is a log, with what was done up to the end", () => {
    const { show, told, printed, stop } = openShow({ isTerminal: false });
    const flow = follow(show, statsOf({ documents: { failing: 1 } }));
    flow.report(caughtUp);
    flow.report(rowDone("a", 31));
    stop.abort();
    flow.end({ flow: "Docs", info });
    expect(told.map((line) => line.replace("2026-01-31T12:00:00.000Z", "T"))).toEqual([
      "T Docs: started",
      "T Docs: caught up in 1.2 s: 2 inserted, 0 failed",
      "T Docs: stopping",
      "T Docs documents: 1 updated, 0 failed; lag 31 ms",
      "T Docs: stopped after 1.2 s: 2 inserted; 1 row failing",
    ]);
    expect(printed).toEqual([]);
  });

  test("one that is stopped before it has begun says no more than that", () => {
    const { show, told, stop } = openShow({ isTerminal: false });
    const flow = show.flow({ file: "flows.ts", flow: "Docs" });
    stop.abort();
    flow.end({ flow: "Docs", error: new SluiceError("interrupted", "stopped on request") });
    expect(told.at(-1)).toMatch(/Z Docs: stopped$/);
  });
});
