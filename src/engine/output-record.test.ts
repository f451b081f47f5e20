import fc from "fast-check";
import { expect, test } from "vitest";
import type { TargetId } from "../contracts/state-store.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/index.ts";
import { absent, decodeOutputRecord, encodeOutputRecord } from "./output-record.ts";

const fingerprint = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => bytesToHex(bytes) as Fingerprint)
  .filter((digits) => /[^0]/.test(digits));
const entry = fc.record({
  key: fc.uint8Array({ maxLength: 300 }),
  states: fc.array(fc.oneof(fingerprint, fc.constant(absent)), { maxLength: 9 }),
});
const output = fc.record({
  target: fc.nat().map((id) => id as TargetId),
  logic: fingerprint,
  memos: fc.array(fingerprint, { maxLength: 20 }),
  entries: fc.array(entry, { maxLength: 5 }),
});

test("an output record comes back as it was", () => {
  fc.assert(
    fc.property(fc.array(output, { maxLength: 3 }), (targets) => {
      expect(decodeOutputRecord(encodeOutputRecord({ targets }))).toEqual({ targets });
    }),
  );
});
