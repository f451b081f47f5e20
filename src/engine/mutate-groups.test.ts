import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SluiceError } from "../errors/index.ts";
import { seededRandom } from "../kernel/random.ts";
import { mutateGroup } from "./mutate-groups.ts";

const refused = (row: number) => new SluiceError("mutate-failed", `row ${row} does not fit`);
const isUnavailable = (error: SluiceError) => error.code === "target-unavailable";

function target(bad: ReadonlySet<number>) {
  const landed = new Set<number>();
  let calls = 0;
  return {
    landed,
    calls: () => calls,
    async mutate(rows: readonly number[]) {
      calls++;
      for (const row of rows) {
        if (bad.has(row)) return refused(row);
        landed.add(row);
      }
      return null;
    },
  };
}

describe("mutateGroup", () => {
  test("finds exactly the rows that are to blame, and lands the others", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.array(fc.nat(69), { maxLength: 5 }),
        fc.nat(),
        async (size, blame, seed) => {
          const rows = Array.from({ length: size }, (_, i) => i);
          const bad = new Set(blame.filter((row) => row < size));
          const { mutate, landed } = target(bad);
          const { outcomes, down } = await mutateGroup({
            rows,
            random: seededRandom(seed),
            mutate,
            isUnavailable,
          });
          expect(down).toBeNull();
          expect([...outcomes.keys()].sort((a, b) => a - b)).toEqual(rows);
          for (const row of rows) {
            expect(outcomes.get(row)?.message ?? null).toBe(bad.has(row) ? refused(row).message : null);
            if (!bad.has(row)) expect(landed.has(row)).toBe(true);
          }
        },
      ),
    );
  });

  test("one bad row of 64 costs few calls", async () => {
    const rows = Array.from({ length: 64 }, (_, i) => i);
    const { mutate, calls } = target(new Set([37]));
    await mutateGroup({ rows, random: seededRandom(1), mutate, isUnavailable });
    expect(calls()).toBeLessThan(20);
  });

  test("a target that refuses everything alike is taken to be down, after four calls", async () => {
    let calls = 0;
    const mutate = async () => {
      calls++;
      return new SluiceError("mutate-failed", "no disk");
    };
    const rows = Array.from({ length: 64 }, (_, i) => i);
    const { outcomes, down } = await mutateGroup({ rows, random: seededRandom(1), mutate, isUnavailable });
    expect(down?.message).toBe("no disk");
    expect([outcomes.size, calls]).toEqual([0, 4]);
  });

  test("a target that says that it is unavailable is believed at once", async () => {
    let calls = 0;
    const mutate = async () => {
      calls++;
      return new SluiceError("target-unavailable", "gone for lunch");
    };
    const { down } = await mutateGroup({ rows: [1, 2, 3], random: seededRandom(1), mutate, isUnavailable });
    expect([down?.code, calls]).toEqual(["target-unavailable", 1]);
  });
});
