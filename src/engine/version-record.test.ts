import fc from "fast-check";
import { expect, test } from "vitest";
import { hexToBytes } from "../kernel/bytes.ts";
import { fingerprint } from "../values/index.ts";
import { decodeVersionRecord, encodeVersionRecord, isSettled, type VersionRecord } from "./version-record.ts";

const [logic, otherLogic] = [fingerprint("logic"), fingerprint("other")];
const version = fc.option(fc.uint8Array({ maxLength: 20 }));
const record = fc.record<VersionRecord>({
  committed: fc.option(
    fc.record({
      logic: fc.constantFrom(logic, otherLogic),
      content: fc.constant(fingerprint("content")),
      sourceVersion: version,
    }),
  ),
  pending: fc.boolean(),
  failures: fc.nat(65_535),
});

test("comes back as it went in", () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(decodeVersionRecord(encodeVersionRecord(one))).toEqual(one);
    }),
  );
});

test("is settled only when committed with this logic and this version, not pending and not failed", () => {
  fc.assert(
    fc.property(record, version, fc.nat(5), (one, asked, offset) => {
      const encoded = encodeVersionRecord(one);
      const page = new Uint8Array(offset + encoded.length);
      page.set(encoded, offset);
      const { committed } = one;
      const same =
        asked !== null &&
        committed?.sourceVersion != null &&
        Buffer.compare(asked, committed.sourceVersion) === 0;
      const wanted = same && committed!.logic === logic && !one.pending && one.failures === 0;
      expect(isSettled(page, offset, page.length, hexToBytes(logic), asked)).toBe(wanted);
    }),
  );
  const settled = encodeVersionRecord({
    committed: { logic, content: fingerprint("content"), sourceVersion: new Uint8Array([1, 2]) },
    pending: false,
    failures: 0,
  });
  expect(isSettled(settled, 0, settled.length, hexToBytes(logic), new Uint8Array([1, 2]))).toBe(true);
});
