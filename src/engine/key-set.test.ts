import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprintBytes } from "../values/index.ts";
import { KeySet } from "./key-set.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("holds what was added and nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 6 })),
      fc.array(fc.string({ maxLength: 6 })),
      (added, others) => {
        const set = new KeySet(fingerprintBytes);
        const model = new Set<string>();
        for (const key of added) {
          expect(set.add(bytes(key))).toBe(!model.has(key));
          model.add(key);
        }
        expect(set.size).toBe(model.size);
        for (const key of [...added, ...others]) expect(set.has(bytes(key))).toBe(model.has(key));
      },
    ),
  );
});

test("keeps digests apart that start alike, the one of zeros included", () => {
  const identity = new KeySet((key) => key);
  const digest = (last: number) => {
    const all = new Uint8Array(16);
    all[15] = last;
    return all;
  };
  for (let last = 0; last < 256; last += 2) expect(identity.add(digest(last))).toBe(true);
  for (let last = 0; last < 256; last++) expect(identity.has(digest(last))).toBe(last % 2 === 0);
  expect(identity.add(digest(0))).toBe(false);
});

test("costs at most 24 bytes a key", () => {
  const count = 200_000;
  const set = new KeySet(fingerprintBytes);
  for (let i = 0; i < count; i++) set.add(bytes(`key ${i}`));
  expect(set.size).toBe(count);
  expect(set.allocatedBytes / count).toBeLessThanOrEqual(24);
});
