import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, findEncoding } from "./decode-text.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

function offsetIn(content: Uint8Array, encoding = "utf-8"): number {
  try {
    decodeText(content, encoding, "a.txt");
  } catch (error) {
    expect(error).toMatchObject({ code: "text-undecodable" });
    return Number(/byte (\d+)/.exec(String(error))![1]);
  }
  throw new Error("was decoded");
}

describe("decodeText", () => {
  it("leaves the byte order mark out", () => {
    expect(decodeText(bytes(0xef, 0xbb, 0xbf, 0x61), "utf-8", "a")).toBe("a");
    expect(decodeText(bytes(0xff, 0xfe, 0x61, 0), "utf-16le", "a")).toBe("a");
  });

  it("reads latin1 as the web does, in every Node version", () => {
    expect(findEncoding("latin1")).toBe("windows-1252");
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = decodeText(all, "windows-1252", "a");
    expect(text).toHaveLength(256);
    expect(text.slice(0x80, 0xa1)).toBe("€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ\xa0");
  });

  it.each([
    ["a stray byte", bytes(0x61, 0xff, 0x61), 1],
    ["the first byte", bytes(0xff), 0],
    ["a broken sequence, at its begin", bytes(0x61, 0xe2, 0x82, 0x28), 1],
    ["a missing end", bytes(0x61, 0x62, 0xe2, 0x82), 2],
    ["after a byte order mark", bytes(0xef, 0xbb, 0xbf, 0xff), 3],
  ])("names the offset of %s", (_, content, offset) => {
    expect(offsetIn(content)).toBe(offset);
  });

  it("names the offset in other encodings", () => {
    expect(offsetIn(bytes(0x61, 0, 0, 0xd8, 0x61, 0), "utf-16le")).toBe(2);
    expect(offsetIn(bytes(0x61, 0x82, 0xa0, 0xff), "shift_jis")).toBe(3);
  });

  it("names the offset wherever it lies in a long text", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (offset) => {
        const content = new Uint8Array(200_010).fill(0x61);
        content[offset] = 0xff;
        expect(offsetIn(content)).toBe(offset);
      }),
      { numRuns: 10, examples: [[65_535], [65_536], [131_072], [200_000]] },
    );
  });

  it("names the offset of a sequence across the border of its chunks", () => {
    const content = new Uint8Array(65_540).fill(0x61);
    content.set([0xe2, 0x82, 0x28], 65_534);
    expect(offsetIn(content)).toBe(65_534);
  });

  it("says what to do", () => {
    expect(() => decodeText(bytes(0xff), "utf-8", "a.bin")).toThrow(
      expect.objectContaining({
        message: '"a.bin" is not utf-8 text: byte 0 cannot be decoded',
        hint: expect.stringMatching(/binary: true.*excludedPatterns/),
      }),
    );
  });
});
