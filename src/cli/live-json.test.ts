import { expect, test } from "vitest";
import { heldOf, infoOf, rowDone, rowFailed, watchDegraded } from "../../test/support/live-samples.ts";
import { SluiceError } from "../errors/index.ts";
import { withLiveApproval } from "./approval-command.ts";
import { LiveJson } from "./live-json.ts";

const noon = Date.parse("2026-01-31T12:00:00.000Z");

function openJson(): LiveJson {
  return new LiveJson({
    flow: "Docs",
    approve: (held) => withLiveApproval(held, { file: "flows.ts", flow: "Docs" }),
  });
}

test("an event is a line, with its time and flow, and errors as everywhere", () => {
  const [line, ...more] = openJson().apply(rowFailed("a\nb.md"), noon);
  expect(more).toEqual([]);
  expect(line).not.toContain("\n");
  expect(JSON.parse(line!)).toEqual({
    at: "2026-01-31T12:00:00.000Z",
    flow: "Docs",
    kind: "row-failed",
    source: "documents",
    row: "a\nb.md",
    error: { code: "function-failed", message: "boom" },
  });
  expect(JSON.parse(openJson().apply(rowDone("a", 31), noon)[0]!)).toMatchObject({
    kind: "row-done",
    lagMs: 31,
  });
  expect(JSON.parse(openJson().apply(watchDegraded(null), noon)[0]!)).toMatchObject({ error: null });
});

test("a notice is a line, and the cost of a call is none", () => {
  const json = openJson();
  const [line] = json.apply({ kind: "notice", about: "function split", message: "no grammar" }, noon);
  expect(JSON.parse(line!)).toMatchObject({ kind: "notice", about: "function split", message: "no grammar" });
  expect(json.apply({ kind: "function-usage", function: "embed", inputTokens: 3 }, noon)).toEqual([]);
});

test("what is told of each call is no line", () => {
  const json = openJson();
  expect(json.apply({ kind: "function-called", function: "render", inputs: 1 }, noon)).toEqual([]);
  expect(json.apply({ kind: "memo-hit", function: "render" }, noon)).toEqual([]);
  expect(json.apply({ kind: "store-written", staged: 1, committed: 1, memos: 0 }, noon)).toEqual([]);
});

test("counts are told at most every five seconds, the last ones in the end", () => {
  const json = openJson();
  const lines: string[] = [];
  for (let ms = 0; ms <= 7_000; ms += 100) {
    lines.push(...json.apply({ kind: "progress", info: infoOf({ documents: { updated: ms } }) }, noon + ms));
    lines.push(...json.tick(noon + ms));
  }
  for (let ms = 8_000; ms <= 30_000; ms += 1_000) lines.push(...json.tick(noon + ms));
  const told = lines.map((line) => JSON.parse(line) as { at: string } & ReturnType<typeof infoOf>);
  expect(told.map(({ at, sources }) => [at.slice(17, 19), sources.documents!.updated])).toEqual([
    ["00", 0],
    ["05", 5_000],
    ["10", 7_000],
  ]);
  expect(Object.keys(told[0]!)).toEqual([
    "at",
    "flow",
    "kind",
    "sources",
    "targets",
    "functions",
    "elapsedMs",
  ]);
});

test("deletions that are held say the command that approves, in an info too", () => {
  const json = openJson();
  const hint =
    "If they are to go, stop the live update and run: sluice update flows.ts:Docs --allow-deletions=31";
  const held = heldOf(31);
  expect(JSON.parse(json.apply(held, noon)[0]!)).toMatchObject({
    kind: "deletions-held",
    rows: 31,
    error: { hint },
  });
  const { kind: _kind, ...listed } = held;
  const caughtUp = { kind: "caught-up", info: infoOf({}, { held: [listed] }) } as const;
  expect(JSON.parse(json.apply(caughtUp, noon)[0]!)).toMatchObject({ info: { held: [{ error: { hint } }] } });
});

test("the last line says how it ended", () => {
  const json = openJson();
  const info = infoOf({ documents: { updated: 1 } });
  expect(JSON.parse(json.end({ ok: true, stopped: true, info }, noon))).toEqual({
    at: "2026-01-31T12:00:00.000Z",
    flow: "Docs",
    kind: "ended",
    ok: true,
    stopped: true,
    info,
  });
  const error = new SluiceError("flow-held", "held", { hint: "wait" });
  expect(JSON.parse(json.end({ ok: false, stopped: false, error }, noon))).toMatchObject({
    kind: "ended",
    ok: false,
    error: { code: "flow-held", message: "held", hint: "wait" },
  });
});
