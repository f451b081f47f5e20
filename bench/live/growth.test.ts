import { describe, expect, test } from "vitest";
import { growthOf } from "./growth.ts";
import type { MemorySample } from "./results.ts";

/** Eleven samples, so many bytes for each change apart, with some noise. */
function samples(perChange: number, noise: number): MemorySample[] {
  return Array.from({ length: 11 }, (_, i) => {
    const changes = i * 100_000;
    // What happens at the start is no growth.
    const warmUp = i < 3 ? i * 5e6 : 15e6;
    const heapUsed = 2e7 + warmUp + changes * perChange + (i % 2) * noise;
    return { changes, heapUsed, seconds: 1, cpuMs: 1, rssAnon: null, storeBytes: 1 };
  });
}

const heap = ({ heapUsed }: MemorySample) => heapUsed;

describe("whether memory grows", () => {
  test("it is flat where no reference for each change can be kept", () => {
    expect(growthOf(samples(0, 100_000), heap)).toMatchObject({ verdict: "flat" });
    expect(growthOf(samples(2, 0), heap)).toMatchObject({ verdict: "flat", perChange: expect.closeTo(2) });
  });

  test("it grows where more than that is kept", () => {
    expect(growthOf(samples(40, 100_000), heap)).toMatchObject({ verdict: "grows" });
  });

  test("it is not to be told where samples lie too far apart, or are too few", () => {
    expect(growthOf(samples(0, 2e7), heap)).toMatchObject({ verdict: "not to be told" });
    expect(growthOf(samples(0, 0).slice(0, 3), heap)).toBeNull();
    expect(growthOf(samples(0, 0), ({ rssAnon }) => rssAnon)).toBeNull();
  });
});
