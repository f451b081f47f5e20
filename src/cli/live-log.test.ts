import { expect, test } from "vitest";
import {
  heldOf,
  infoOf,
  listed,
  rowDone,
  rowFailed,
  watchArmed,
  watchEnded,
} from "../../test/support/live-samples.ts";
import type { EngineEvent } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import { LiveLog } from "./live-log.ts";

const approvalOf = (rows: number) => `approve ${rows}`;
const midnight = Date.parse("2026-01-31T00:00:00.000Z");

/** A log that is driven second by second; what it said is taken with `said`, without the day. */
function openLog({ quiet = false } = {}) {
  const failuresCommand = "list failures";
  const log = new LiveLog({ flow: "Docs", quiet, approvalOf, failuresCommand });
  let lines: string[] = [];
  let now = midnight;
  return {
    log,
    tell: (...events: EngineEvent[]) => {
      for (const event of events) lines.push(...log.apply(event, now));
    },
    pass: (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        lines.push(...log.tick(now));
      }
    },
    end: (word: string) => lines.push(...log.rest(now), ...log.say(word, now)),
    said: () => {
      const said = lines.map((line) => line.replace("2026-01-31T00:", ""));
      lines = [];
      return said;
    },
  };
}

test("what was done is said soon, then every five seconds, and nothing where nothing was", () => {
  const { tell, pass, said } = openLog();
  tell(rowDone("a", 31), rowDone("b", 31), { ...rowDone("c", 30), outcome: "deleted" } as EngineEvent);
  tell({ kind: "row-done", source: "notes", row: "n", outcome: "inserted", reason: "new" });
  expect(said()).toEqual([]);
  pass(1);
  expect(said()).toEqual([
    "00:01.000Z Docs documents: 2 updated, 1 deleted, 0 failed; lag 31 ms",
    "00:01.000Z Docs notes: 1 inserted, 0 failed",
  ]);
  for (const lag of [10, 11, 12]) tell(rowDone("a", lag));
  pass(4);
  expect(said()).toEqual([]);
  tell(rowDone("a", 900));
  pass(1);
  expect(said()).toEqual(["00:06.000Z Docs documents: 4 updated, 0 failed; lag 11 ms, at most 900 ms"]);
  pass(60);
  expect(said()).toEqual([]);
});

test("the first pass is said with its counts, and not again", () => {
  const { tell, pass, said } = openLog();
  tell(rowDone("a"));
  tell({
    kind: "caught-up",
    info: infoOf({ documents: { unchanged: 1_200, updated: 1 }, notes: { failed: 2 } }),
  });
  pass(10);
  expect(said()).toEqual(["00:00.000Z Docs: caught up in 1.2 s: 1,200 unchanged, 1 updated, 2 failed"]);
});

test("a failure is said at once, and when its row succeeds", () => {
  const { tell, pass, said } = openLog();
  pass(1);
  const error = new SluiceError("function-failed", "boom\nat all", {
    where: { flow: "Docs", step: "render" },
  });
  tell({ kind: "row-failed", source: "documents", row: "a.md", error });
  expect(said()).toEqual(["00:01.000Z Docs documents a.md, step render: boom at all"]);
  tell(rowDone("a.md"));
  pass(1);
  expect(said()).toEqual(["00:02.000Z Docs documents: 1 updated, 1 failed, 1 recovered"]);
});

test("of many failures the first are named, and the others counted", () => {
  const { tell, pass, said } = openLog();
  for (let row = 0; row < 412; row++) tell(rowFailed(`${row}.md`));
  expect(said()).toHaveLength(10);
  pass(1);
  expect(said()).toEqual([
    "00:01.000Z Docs documents: 412 failed",
    "00:01.000Z Docs: 402 more rows failed; see: list failures",
  ]);
  for (let row = 500; row < 512; row++) tell(rowFailed(`${row}.md`));
  expect(said()).toHaveLength(10);
  pass(4);
  tell(rowFailed("new.md"));
  expect(said()).toEqual([]);
  pass(1);
  tell(rowFailed("newer.md"));
  expect(said()).toEqual([
    "00:06.000Z Docs documents: 13 failed",
    "00:06.000Z Docs: 3 more rows failed; see: list failures",
    "00:06.000Z Docs documents newer.md: boom",
  ]);
});

test("trouble of a watcher and its end are said once each", () => {
  const { tell, pass, said } = openLog();
  tell(watchEnded());
  expect(said()).toEqual(["00:00.000Z Docs documents: EMFILE; started again in 2.0 s"]);
  pass(2);
  tell(watchArmed);
  pass(10);
  expect(said()).toEqual(["00:03.000Z Docs documents: watched again"]);
});

test("what each listing finds held is said once, with the command that approves", () => {
  const { tell, pass, said } = openLog();
  for (let pass_ = 0; pass_ < 20; pass_++) {
    tell(listed(), heldOf(31));
    pass(5);
  }
  expect(said()).toEqual([
    "00:00.000Z Docs documents: deletions are held for approval: 31 of 40 rows are gone; if they are to go, stop and run: approve 31",
  ]);
  tell(listed());
  pass(5);
  expect(said()).toEqual(["01:41.000Z Docs documents: no deletions are held any more"]);
});

test("attempts that are made again are no lines", () => {
  const { tell, pass, said } = openLog();
  const error = new SluiceError("target-unavailable", "down");
  tell({ kind: "retrying", what: "target pg", attempt: 1, delayMs: 100, error });
  pass(10);
  expect(said()).toEqual([]);
});

test("quiet, only what goes wrong is said", () => {
  const { tell, pass, said, end, log } = openLog({ quiet: true });
  expect(log.say("started", midnight)).toEqual([]);
  tell(rowDone("a", 5), { kind: "caught-up", info: infoOf({ documents: { updated: 1 } }) });
  tell(watchEnded(), watchArmed);
  for (let row = 0; row < 12; row++) tell(rowFailed(`${row}.md`));
  pass(5);
  end("stopped");
  const lines = said();
  expect(lines[0]).toBe("00:00.000Z Docs documents: EMFILE; started again in 2.0 s");
  expect(lines).toHaveLength(12);
  expect(lines.at(-1)).toBe("00:01.000Z Docs: 2 more rows failed; see: list failures");
});

test("a clock that is set back silences nobody", () => {
  const { log } = openLog();
  log.apply(rowDone("a"), midnight);
  expect(log.tick(midnight)).toHaveLength(1);
  log.apply(rowDone("a"), midnight - 3_600_000);
  expect(log.tick(midnight - 3_600_000)).toEqual([
    "2026-01-30T23:00:00.000Z Docs documents: 1 updated, 0 failed",
  ]);
});

test("the last word comes after what was not said yet", () => {
  const { tell, end, said } = openLog();
  tell(rowDone("a"));
  end("stopped after 3 s");
  expect(said()).toEqual([
    "00:00.000Z Docs documents: 1 updated, 0 failed",
    "00:00.000Z Docs: stopped after 3 s",
  ]);
});

test("a notice is a line at once, and none where only what goes wrong is wanted", () => {
  const notice = { kind: "notice", about: "function split", message: "no grammar\nfor python" } as const;
  const { tell, said } = openLog();
  tell(notice);
  expect(said()).toEqual(["00:00.000Z Docs note: function split: no grammar for python"]);
  const quiet = openLog({ quiet: true });
  quiet.tell(notice);
  expect(quiet.said()).toEqual([]);
});
