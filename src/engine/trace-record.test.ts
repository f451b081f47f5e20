import { describe, expect, test } from "vitest";
import type { TargetId } from "../contracts/state-store.ts";
import { logicPartsInOrder } from "../plan/index.ts";
import { decodeTraceRecord, encodeTraceRecord, type TraceRecord } from "./trace-record.ts";

const target = (id: number) => id as TargetId;

const typical: TraceRecord = {
  at: Date.UTC(2026, 0, 31, 12, 0, 3),
  reason: "content",
  reexport: false,
  fullReprocess: false,
  failures: 0,
  changes: [],
  functions: [
    { name: "splitIntoChunks", computed: 1, memoHits: 0 },
    { name: "embed", computed: 3, memoHits: 120 },
  ],
  targets: [{ target: target(1), upserted: 3, deleted: 1, equal: 119, others: 0, dropped: 0 }],
};

describe("a trace", () => {
  test("is read as it was written", () => {
    const full: TraceRecord = {
      ...typical,
      reason: "logic",
      reexport: true,
      fullReprocess: true,
      failures: 70_000,
      changes: logicPartsInOrder.map((part, at) => ({
        part,
        name: at % 2 ? "embed" : "",
        target: target(at),
      })),
    };
    for (const trace of [typical, full]) expect(decodeTraceRecord(encodeTraceRecord(trace))).toEqual(trace);
  });

  test("of every reason is read as it was written", () => {
    const reasons = [
      "new",
      "content",
      "logic",
      "pending",
      "failed",
      "gone",
      "forced",
      "version",
      "owner",
    ] as const;
    for (const reason of reasons) {
      expect(decodeTraceRecord(encodeTraceRecord({ ...typical, reason })).reason).toBe(reason);
    }
  });

  test("of a typical row takes less than a hundred bytes", () => {
    const { length } = encodeTraceRecord(typical);
    expect(length).toBeLessThan(60);
    const changes = [{ part: "function-code" as const, name: "splitIntoChunks", target: target(1) }];
    expect(encodeTraceRecord({ ...typical, reason: "logic", changes }).length).toBeLessThan(100);
  });

  test("that is cut short, or of a reason that there is not, is damage", () => {
    const bytes = encodeTraceRecord(typical);
    const damaged = expect.objectContaining({ code: "store-damaged" });
    expect(() => decodeTraceRecord(bytes.subarray(0, 5))).toThrow(damaged);
    const odd = encodeTraceRecord({ ...typical, reason: "odd" as never });
    expect(() => decodeTraceRecord(odd)).toThrow(damaged);
  });
});
