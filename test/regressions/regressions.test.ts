import { expect, test } from "vitest";
import { describeCase } from "../simulation/describe-case.ts";
import { readRegressions } from "../simulation/regressions.ts";
import { replayCase } from "../simulation/replay-case.ts";

for (const { name, regression } of readRegressions()) {
  test(`${name} is as it should be`, async () => {
    const failure = await replayCase(regression.case);
    expect(failure, describeCase(regression.case)).toBeNull();
  });
}
