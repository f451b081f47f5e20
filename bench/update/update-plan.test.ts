import { expect, test } from "vitest";
import { planUpdate } from "./update-plan.ts";

test("without options all is measured, and on large corpora what figures are to be reached in", () => {
  const plan = planUpdate([]);
  expect(plan).toMatchObject({ isWhole: true, files: [10_000, 100_000], rightFiles: 2_000, startups: 5 });
  expect(plan.series.map(({ files, delay }) => [files, delay])).toEqual([
    [10_000, 0],
    [100_000, 0],
    [10_000, 50],
    [10_000, 0],
  ]);
  const rival = plan.series[1]!.entrants.find(({ contender }) => contender.name === "llamaindex")!;
  expect(rival.phases).toEqual(["initial", "unchanged", "edited"]);
});

test("a part is what options name", () => {
  const plan = planUpdate([
    "--only",
    "--files",
    "1000",
    "--contenders",
    "sluice,floor",
    "--phases",
    "unchanged,initial",
  ]);
  expect(plan).toMatchObject({ isWhole: false, rightFiles: 0, burst: 0, sourceRows: [], startups: 0 });
  expect(plan.series).toHaveLength(1);
  expect(plan.series[0]!.entrants.map(({ contender, phases }) => [contender.name, phases])).toEqual([
    ["floor", ["initial", "unchanged"]],
    ["sluice", ["initial", "unchanged"]],
  ]);
});

test("what is not known is told with the usage", () => {
  expect(() => planUpdate(["--phases", "twice"])).toThrow(/there is no twice[\s\S]*--phases/);
  expect(() => planUpdate(["--rounds", "1.5"])).toThrow(/no whole number[\s\S]*--rounds/);
  expect(() => planUpdate(["--what"])).toThrow(/--what[\s\S]*--files/);
});
