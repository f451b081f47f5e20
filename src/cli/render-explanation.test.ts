import { describe, expect, test } from "vitest";
import type { ExplainedChange, RowExplanation, RowRun } from "../app/explain/explanation.ts";
import { reasonsOf } from "./explain-words.ts";
import { type ExplanationView, renderRowExplanation, renderTargetRow } from "./render-explanation.ts";
import { textWidth } from "./text-width.ts";

const now = Date.UTC(2026, 0, 31, 12, 0, 3);
const view: ExplanationView = { style: (_format, text) => text, columns: 80, now };

const run: RowRun = {
  at: now - 125_000,
  reason: "content",
  changes: [],
  failedBefore: 0,
  reexport: false,
  fullReprocess: false,
  functions: [],
  targets: [],
};

const row: RowExplanation = {
  flow: "Docs",
  source: "documents",
  row: "notes/shopping.md",
  key: { path: "notes/shopping.md" },
  pending: false,
  lastRun: run,
  failure: null,
  outputs: [],
  stale: [],
};

const held = (key: string) => ({ key, state: "held" as const, owner: null, failure: null });

function factsOf(explained: RowExplanation): string[] {
  return renderRowExplanation(explained, view).slice(1);
}

describe("a row explained", () => {
  test("fits eighty columns, however much there is to say", () => {
    const change = (part: ExplainedChange["part"]): ExplainedChange => ({
      part,
      function: part.startsWith("function") ? "splitIntoChunks" : null,
      targets: ["Chunks", "Summaries", "Keywords"],
    });
    const changes = (["source-spec", "steps", "function-code", "target-rebuild", "unknown"] as const).map(
      change,
    );
    const lines = renderRowExplanation(
      {
        ...row,
        lastRun: {
          ...run,
          changes,
          failedBefore: 3,
          reexport: true,
          functions: [{ function: "splitIntoChunks", computed: 12_345, memoHits: 67_890 }],
          targets: [
            {
              target: "Chunks",
              upserted: 1_000,
              deleted: 2_000,
              equal: 3_000,
              others: 4_000,
              dropped: 5_000,
            },
          ],
        },
        stale: changes,
        outputs: [
          { target: "Chunks", rows: Array.from({ length: 250 }, (_, at) => held(`notes/shopping.md#${at}`)) },
        ],
        failure: {
          code: "function-failed",
          message: "the model is overloaded at the moment, and asks everybody to come back some other time",
          where: { flow: "Docs", source: "documents", row: "notes/shopping.md", step: "embed" },
          attempts: 4,
          firstAt: now - 60_000,
          lastAt: now,
          removal: false,
        },
      },
      view,
    );
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
    expect(lines.join(" ")).toContain("notes/shopping.md#9 and 240 more");
  });

  test("says what it called, wrote and has only where there is something", () => {
    expect(factsOf(row).map((line) => line.replace(/\d{4}-\S+ \S+,/, "<time>,"))).toEqual([
      "  last ran  <time>, 2 min 05 s ago",
      "  because   its content had changed",
      "  called    no function",
      "  wrote     nothing",
      "  state     done",
    ]);
    expect(factsOf({ ...row, lastRun: null })).toEqual(["  last ran  not on record", "  state     done"]);
  });

  test("tells of keys that are another row's, in doubt or refused", () => {
    const failure = {
      code: "target-key-duplicate",
      message: "row a yields the key k too",
      where: { flow: "Docs", target: "Out", key: "k" },
      attempts: 1,
      firstAt: now,
      lastAt: now,
      removal: false,
    };
    const owner = { source: "notes", row: "a" };
    const text = factsOf({
      ...row,
      pending: true,
      outputs: [
        {
          target: "Out",
          rows: [
            { ...held("k"), owner, failure },
            { ...held("l"), state: "in-doubt" },
          ],
        },
        { target: "None", rows: [] },
      ],
    }).join("\n");
    expect(text).toContain("Out: k (which is that of a of source notes), l (in doubt;");
    expect(text).toContain("None: no row");
    expect(text).toContain("target Out, key k: row a yields the key k too");
    expect(factsOf({ ...row, failure: { ...failure, removal: true } }).join()).toContain("going: its source");
    expect(text).toContain("pending: its writes may or may not have landed");
  });

  test("gives nothing to a terminal that would move its cursor", () => {
    expect(renderRowExplanation({ ...row, row: "a\u001b[2Jb" }, view)[0]).toBe(
      "row a\\x1b[2Jb of source documents",
    );
  });
});

test("a target row explained names its owner and who comes next", () => {
  const owner = { source: "a", row: "p1" };
  const explained = {
    flow: "F",
    target: "Out",
    key: "k",
    state: "held" as const,
    owner,
    others: [],
    failure: null,
  };
  expect(renderTargetRow(explained, view)).toEqual([
    "row k of target Out",
    "  comes from  p1 of source a",
    "  state       as it should be",
  ]);
  const others = [owner, { source: "b", row: "q" }];
  const orphan = { ...explained, owner: null, others, state: "owed" as const };
  expect(renderTargetRow(orphan, view)).toEqual([
    "row k of target Out",
    "  comes from       no row any more",
    "  also yielded by  p1 of source a",
    "                   q of source b",
    "  state            not yet as it should be; the next update settles it",
  ]);
});

describe("why a row ran", () => {
  const steps: ExplainedChange = { part: "steps", function: null, targets: ["A", "B"] };
  test.each<[string, Partial<RowRun>, string[]]>([
    ["new", { reason: "new" }, ["it was new"]],
    ["logic", { reason: "logic", changes: [steps] }, ["the steps that feed exports A, B changed"]],
    ["logic of which nothing is known", { reason: "logic" }, ["the flow's definition had changed"]],
    ["pending", { reason: "pending" }, ["the outcome of its writes was in doubt"]],
    [
      "failed before, and the flow mended",
      { reason: "failed", failedBefore: 2, changes: [steps] },
      ["it had not come through yet: 2 attempts failed before", "the steps that feed exports A, B changed"],
    ],
    [
      "asked for",
      { reason: "forced", reexport: true, fullReprocess: true },
      [
        "writing every target row again was asked for (--reexport), computing everything again was asked for (--full-reprocess)",
      ],
    ],
    [
      "changed, and asked for too",
      { reason: "content", failedBefore: 1, fullReprocess: true },
      [
        "its content had changed",
        "it had failed 1 time before",
        "computing everything again was asked for (--full-reprocess)",
      ],
    ],
    [
      "of another type",
      { reason: "content", changes: [{ part: "row-types", function: null, targets: ["A"] }] },
      [
        "its content, or the form that it is kept in, had changed",
        "the key or value type of source documents changed",
      ],
    ],
    ["heir", { reason: "owner" }, ["a target key became its own, or the target had something else"]],
  ])("%s", (_name, part, reasons) => {
    expect(reasonsOf({ ...run, ...part }, "documents")).toEqual(reasons);
  });
});
