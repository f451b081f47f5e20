import { expect, test } from "vitest";
import type { SourceStats, UpdateInfo } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import { renderFailures, renderSummary } from "./render-summary.ts";
import { styleFor } from "./style.ts";
import { textWidth } from "./text-width.ts";

const plain = styleFor({}, {});

const idle: SourceStats = {
  unchanged: 0,
  inserted: 0,
  updated: 0,
  deleted: 0,
  reprocessed: 0,
  failed: 0,
  inFlight: 0,
  read: 0,
};

function info(changes: Partial<UpdateInfo> & { readonly documents?: Partial<SourceStats> }): UpdateInfo {
  const { documents, ...rest } = changes;
  return {
    flow: "Docs",
    sources: { documents: { ...idle, ...documents } },
    targets: { OutputHtml: { upserted: 0, deleted: 0, calls: 0, failed: 0 } },
    functions: { render: { computed: 0, calls: 0, memoHits: 0, failed: 0 } },
    failures: [],
    incomplete: [],
    held: [],
    failedKeys: [],
    notices: [],
    elapsedMs: 1_234,
    ok: true,
    ...rest,
  };
}

const busy = info({
  documents: { unchanged: 123_456, inserted: 1_000, updated: 20, deleted: 3, read: 1_020 },
  targets: { OutputHtml: { upserted: 1_020, deleted: 3, calls: 2, failed: 0 } },
  functions: { render: { computed: 1_000, calls: 1_000, memoHits: 20, failed: 0 } },
});

test("a line for each source, function and target", () => {
  expect(renderSummary(busy, plain)).toEqual([
    "Docs: updated in 1.2 s",
    "  documents   123,456 unchanged, 1,000 inserted, 20 updated, 3 deleted, 1,020 read",
    "  render      1,000 computed, 20 from cache",
    "  OutputHtml  1,020 upserted, 3 deleted",
  ]);
});

test("on a terminal, lines are wrapped to its width", () => {
  const lines = renderSummary(busy, plain, 60);
  expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(60);
  expect(lines[2]).toBe("              3 deleted, 1,020 read");
});

test("nothing changed is said plainly", () => {
  expect(renderSummary(info({ documents: { unchanged: 1_000 } }), plain)).toEqual([
    "Docs: nothing changed: 0 read, 0 computed, 0 written (1,000 rows, 1.2 s)",
  ]);
  expect(renderSummary(info({ documents: { unchanged: 1_000 } }), plain, 60)).toEqual([
    "Docs: nothing changed: 0 read, 0 computed, 0 written",
    "  (1,000 rows, 1.2 s)",
  ]);
});

test("failures are listed with their place, ten of them", () => {
  const failures = Array.from({ length: 12 }, (_, n) => ({
    source: "documents",
    row: `${n}.md`,
    error: new SluiceError("function-failed", "boom\n  at all", {
      where: { flow: "Docs", source: "documents", row: `${n}.md`, step: "render" },
    }),
  }));
  const lines = renderFailures(info({ documents: { failed: 12 }, failures, ok: false }), plain);
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe("Docs: 12 rows failed");
  expect(lines[1]).toBe("  documents 0.md, step render: boom at all");
  expect(lines.at(-1)).toBe("  and 2 more");
});

test("incomplete listings are told with their reason", () => {
  const error = new SluiceError("listing-incomplete", "EACCES: data/private");
  const lines = renderFailures(info({ incomplete: [{ source: "documents", error }], ok: false }), plain);
  expect(lines).toEqual([
    "Docs: the listing of documents was incomplete, so nothing was deleted: EACCES: data/private",
  ]);
});

test("tokens are told of functions whose calls cost some", () => {
  const costing = (tokens: { inputTokens?: number; outputTokens?: number }) =>
    renderSummary(
      info({ functions: { render: { computed: 12, calls: 12, memoHits: 3, failed: 0, ...tokens } } }),
      plain,
      80,
    )[2];
  expect(costing({ inputTokens: 4_210, outputTokens: 300 })).toBe(
    "  render      12 computed, 3 from cache, 4,210 tokens in, 300 out",
  );
  expect(costing({ inputTokens: 1 })).toBe("  render      12 computed, 3 from cache, 1 token in");
  expect(costing({ outputTokens: 300 })).toBe("  render      12 computed, 3 from cache, 300 tokens out");
  expect(costing({ inputTokens: 0 })).toBe("  render      12 computed, 3 from cache");
});
