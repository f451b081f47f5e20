import { expect, test } from "vitest";
import { checksum } from "./checksum.ts";

const bytes = new TextEncoder().encode("x123456789y");

test("is the CRC-32 of the part", () => {
  expect(checksum(bytes, 1, 10)).toBe(0xcbf43926);
  expect(checksum(bytes.subarray(1, 10))).toBe(0xcbf43926);
  expect(checksum(new Uint8Array())).toBe(0);
  expect(checksum(bytes, 1)).toBe(checksum(bytes.slice(1)));
});

test("tells every single flipped bit", () => {
  const whole = checksum(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(checksum(flipped)).not.toBe(whole);
  }
});
