import fc from "fast-check";
import { expect, test } from "vitest";
import { hexToBytes } from "../kernel/bytes.ts";
import { fingerprint } from "../values/index.ts";
import { encodeSourceVersion, type SourceSaid } from "./source-version.ts";
import { decodeVersionRecord, encodeVersionRecord, isSettled, type VersionRecord } from "./version-record.ts";

const [logic, otherLogic] = [fingerprint("logic"), fingerprint("other")];
const said = fc.record({
  ordinal: fc.option(fc.nat(1), { nil: undefined }),
  contentVersion: fc.oneof(
    fc.constantFrom(undefined, "", "a"),
    fc.uint8Array({ maxLength: 2, max: 1 }),
    fc.uint8Array({ maxLength: 20 }),
  ),
});
const versionOf = ({ ordinal, contentVersion }: SourceSaid) => encodeSourceVersion(ordinal, contentVersion);
const record = fc.record<VersionRecord>({
  committed: fc.option(
    fc.record({
      logic: fc.constantFrom(logic, otherLogic),
      content: fc.constant(fingerprint("content")),
      sourceVersion: said.map(versionOf),
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
    fc.property(record, said, fc.nat(5), (one, asked, offset) => {
      const encoded = encodeVersionRecord(one);
      const page = new Uint8Array(offset + encoded.length);
      page.set(encoded, offset);
      const { committed } = one;
      const [version, known] = [versionOf(asked), committed?.sourceVersion];
      const same = version !== null && known != null && Buffer.compare(version, known) === 0;
      const wanted = same && committed!.logic === logic && !one.pending && one.failures === 0;
      expect(isSettled(page, offset, page.length, hexToBytes(logic), asked)).toBe(wanted);
    }),
  );
  for (const asked of [{ contentVersion: new Uint8Array([1, 2]) }, { contentVersion: "a" }, { ordinal: 1 }]) {
    const committed = { logic, content: fingerprint("content"), sourceVersion: versionOf(asked) };
    const settled = encodeVersionRecord({ committed, pending: false, failures: 0 });
    expect(isSettled(settled, 0, settled.length, hexToBytes(logic), asked)).toBe(true);
  }
});
