import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeCase } from "../simulation/describe-case.ts";
import { replayRound } from "../simulation/live/soak.ts";
import { readRegressions } from "../simulation/regressions.ts";
import { replayCase } from "../simulation/replay-case.ts";

for (const { name, regression } of readRegressions()) {
  test(`${name} is as it should be`, async () => {
    const failure = await replayCase(regression.case);
    expect(failure, describeCase(regression.case)).toBeNull();
  });
}

const rounds = fileURLToPath(new URL("./live", import.meta.url));

for (const file of readdirSync(rounds)) {
  test(`${basename(file, ".json")}, while it is live`, async () => {
    const printed: string[] = [];
    await replayRound(join(rounds, file), (line) => printed.push(line));
    expect(printed).toEqual([]);
  });
}
