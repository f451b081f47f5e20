import { expect, test } from "vitest";
import type { RowFinding, TargetVerification } from "../app/events.ts";
import type { VerifyInfo } from "../app/verify-flow.ts";
import { SluiceError } from "../errors/index.ts";
import { renderVerification, renderVerifyProblems, verifyHints } from "./render-verify.ts";

const plain = (_format: unknown, text: string) => text;

function target(given: Partial<TargetVerification> = {}): TargetVerification {
  const counts = { expected: 10, found: 10, missing: 0, extra: 0, different: 0, pending: 0 };
  return { ...counts, findings: [], error: null, ...given };
}

function info(given: Partial<VerifyInfo> = {}): VerifyInfo {
  return { flow: "Docs", targets: {}, unverified: [], repair: null, elapsedMs: 12, ok: true, ...given };
}

const from = { source: "pages", row: "p1" };
const repair = { targets: { Out: { written: 1200, deleted: 1 } }, failed: 0, failures: [], refused: [] };

test("all right", () => {
  expect(renderVerification(info({ targets: { Out: target() } }), plain)).toEqual([
    "Docs: all right (12 ms)",
    "  Out  10 expected, 10 found",
  ]);
});

test("rows by kind, with where they come from and why", () => {
  const findings: RowFinding[] = [
    { kind: "missing", key: "a", from, reason: null },
    { kind: "extra", key: "b\u001b[2J\nc", from: null, reason: "the key does not fit: id" },
    { kind: "different", key: "d", from, reason: null },
    { kind: "pending", key: "e", from, reason: "a write of it failed" },
  ];
  const out = target({ missing: 1001, extra: 1, different: 1, pending: 1, findings });
  expect(renderVerification(info({ targets: { Out: out, Other: target() }, ok: false }), plain)).toEqual([
    "Docs: not as it should be (12 ms)",
    "  Out    10 expected, 10 found, 1,001 missing, 1 extra, 1 different, 1 pending",
    "    missing    a  (pages p1)",
    "    and 1,000 more missing",
    "    extra      b\\x1b[2J c: the key does not fit: id",
    "    different  d  (pages p1)",
    "    pending    e  (pages p1): a write of it failed",
    "  Other  10 expected, 10 found",
  ]);
});

test("targets that cannot be read back, or not to their end", () => {
  const error = new SluiceError("read-back-failed", "on fire", { hint: "Put it out." });
  const burning = info({ targets: { Out: target({ error }) }, unverified: ["Mail"], ok: false });
  expect(renderVerification(burning, plain)).toEqual([
    "Docs: not as it should be (12 ms)",
    "  Out   could not be read back to its end, so nothing is said of its rows",
    "  Mail  not verified: its target cannot be read back",
  ]);
  expect(renderVerifyProblems(burning, plain)).toEqual([
    "Docs: Out could not be read back: on fire",
    "hint: Put it out.",
  ]);
  expect(renderVerification(info({ unverified: ["Mail"] }), plain)[0]).toBe(
    "Docs: nothing could be verified (12 ms)",
  );
});

test("what a repair did, and what it could not", () => {
  expect(renderVerification(info({ targets: { Out: target() }, repair }), plain)[0]).toBe(
    "Docs: repaired, 1,200 rows written, 1 deleted (12 ms)",
  );
  const nothing = info({ targets: { Out: target() }, repair: { ...repair, targets: {} } });
  expect(renderVerification(nothing, plain)[0]).toBe("Docs: all right (12 ms)");
  const error = new SluiceError("mutate-failed", "no");
  const inPart = info({
    repair: {
      ...repair,
      failed: 2,
      failures: [{ source: "pages", row: "p1", error }],
      refused: [{ target: "Out", error }],
    },
    ok: false,
  });
  expect(renderVerification(inPart, plain)[0]).toBe(
    "Docs: repaired in part, 1,200 rows written, 1 deleted (12 ms)",
  );
  expect(renderVerifyProblems(inPart, plain)).toEqual([
    "Docs: extra rows of Out were not deleted: no",
    "Docs: 2 rows failed",
    "  pages p1: no",
    "  and 1 more",
  ]);
});

test("what to do about it", () => {
  const wrong = { Out: target({ missing: 1, pending: 1 }) };
  const flow = { file: "flows.ts", flow: "Docs" };
  expect(verifyHints(info({ targets: wrong }), flow)).toEqual([
    "hint: To put it right, run: sluice verify flows.ts:Docs --repair",
    "hint: To settle what is pending, run: sluice update flows.ts:Docs",
  ]);
  expect(verifyHints(info({ targets: { Out: target({ missing: 1 }) }, repair }), flow)).toEqual([]);
  expect(verifyHints(info({ targets: { Out: target() } }), flow)).toEqual([]);
});
