import { expect, test } from "vitest";
import type { SourceStats, UpdateInfo } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import { ProgressModel } from "./progress-model.ts";
import { styleFor } from "./style.ts";
import { textWidth } from "./text-width.ts";

const plain = styleFor({}, {});

function progress(documents: Partial<SourceStats>): { kind: "progress"; info: UpdateInfo } {
  const zero = { unchanged: 0, inserted: 0, updated: 0, deleted: 0, reprocessed: 0, read: 0 };
  return {
    kind: "progress",
    info: {
      flow: "Docs",
      sources: { documents: { ...zero, failed: 0, inFlight: 0, ...documents } },
      targets: {},
      functions: {},
      failures: [],
      incomplete: [],
      held: [],
      failedKeys: [],
      notices: [],
      elapsedMs: 0,
      ok: true,
    },
  };
}

test("a target that is read back has its rows", () => {
  const model = new ProgressModel("Docs", 0);
  model.apply({ kind: "target-read", target: "Pages", rows: 1_200 }, 0);
  expect(model.lines(80, 2_000, plain)).toEqual(["Docs  2.0 s", "  Pages  1,200 read back"]);
  expect(model.line(2_000)).toBe("Docs: Pages 1,200 read back (2.0 s)");
});

test("a source has its counts and its rate", () => {
  const model = new ProgressModel("Docs", 0);
  model.apply({ kind: "source-started", source: "documents" }, 0);
  model.apply(progress({ inFlight: 1_024 }), 0);
  model.apply(progress({ unchanged: 100, inserted: 900, failed: 2, inFlight: 512 }), 2_000);
  expect(model.lines(80, 2_000, plain)).toEqual([
    "Docs  2.0 s",
    "  documents     1,000 done  512 in flight       2 failed          500/s",
  ]);
  expect(model.line(2_000)).toBe("Docs: documents 1,000 done, 512 in flight, 2 failed, 500/s (2.0 s)");
});

test("rows count before the next counts come", () => {
  const model = new ProgressModel("Docs", 0);
  model.apply(progress({ inserted: 5 }), 0);
  model.apply({ kind: "row-done", source: "documents", row: "a", outcome: "inserted", reason: "new" }, 1);
  expect(model.lines(80, 1, plain)[1]).toContain("6 done");
});

test("the rate is that of the last seconds", () => {
  const model = new ProgressModel("Docs", 0);
  for (let second = 0; second <= 10; second++)
    model.apply(progress({ inserted: second * 100 }), second * 1_000);
  model.apply(progress({ inserted: 1_000 }), 15_000);
  expect(model.lines(80, 15_000, plain)[1]).toContain("0.0/s");
});

test("lines fit the terminal, whatever the names and messages", () => {
  const model = new ProgressModel("日本".repeat(60), 0);
  model.apply({ kind: "source-started", source: "a-source-with-a-very-long-name-indeed".repeat(3) }, 0);
  const error = new SluiceError("target-unavailable", `refused\n${"x".repeat(200)}\u001b[2J`);
  model.apply({ kind: "retrying", what: "target pg", attempt: 1, delayMs: 1_500, error }, 0);
  for (const columns of [80, 40]) {
    for (const line of model.lines(columns, 100, plain)) expect(textWidth(line)).toBeLessThan(columns);
  }
  expect(model.lines(80, 100, plain).at(-1)).toMatch(/^ {2}target pg: trying again in 1.5 s: refused x+…$/);
  expect(model.lines(80, 6_000, plain)).toHaveLength(2);
});
