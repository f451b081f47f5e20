import { expect, test } from "vitest";
import { decodeSetupRecord, emptySetupRecord, encodeSetupRecord } from "./setup-record.ts";

test("a record of the time before sources were set up is read", () => {
  const record = emptySetupRecord("Docs");
  const { sourceSetups, ...former } = record;
  expect(sourceSetups).toEqual([]);
  expect(decodeSetupRecord(new TextEncoder().encode(JSON.stringify(former)))).toEqual(record);
  expect(decodeSetupRecord(encodeSetupRecord(record))).toEqual(record);
});
