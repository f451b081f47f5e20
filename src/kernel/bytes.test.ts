import { expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "./bytes.ts";

test("every byte is its two digits, and back, in either case", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const hex = bytesToHex(all);
  expect(hex).toBe(Buffer.from(all).toString("hex"));
  expect(hexToBytes(hex)).toEqual(all);
  expect(hexToBytes(hex.toUpperCase())).toEqual(all);
  expect(hexToBytes("")).toEqual(new Uint8Array());
});
