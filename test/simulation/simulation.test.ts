import { expect, test } from "vitest";
import type { FaultKind, PortName } from "./case.ts";
import { replayCase } from "./replay-case.ts";
import { reportFailure } from "./report-failure.ts";
import { caseOf, type RunKind } from "./runs.ts";

/*
 * A short run of the simulator. SEED= and RUNS= choose others; `npm run sim` runs many more.
 */

const firstSeed = Number(process.env.SEED ?? 1);
const runs = Number(process.env.RUNS ?? 300);
/** What took effect of faults, and how steps ended. */
const seen = new Set<string>();

async function runSeeds(kind: RunKind, from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    const simulated = caseOf(kind, seed);
    const failure = await replayCase(simulated, {
      observe({ struck, ended, info }, { lastEnd }) {
        for (const { port, how } of struck) seen.add(port).add(how);
        seen.add(lastEnd.kind).add(ended ? "an end" : "no end");
        if (info)
          for (const list of ["failures", "incomplete", "held"] as const)
            if (info[list].length > 0) seen.add(list);
      },
    });
    if (!failure) continue;
    const { text, regression } = await reportFailure(simulated, failure, { timeLimitMs: 30_000 });
    expect.unreachable(`${text}\n${JSON.stringify(regression)}`);
  }
}

// In parts, so that none takes so long that it looks as if it would never end.
const part = 50;
for (let from = firstSeed; from < firstSeed + runs; from += part) {
  test(`histories ${from} to ${from + part - 1} in memory end as a rebuild would, with the least work`, async () => {
    await runSeeds("memory", from, part);
  }, 300_000);
}

test("these histories were no idle ones", () => {
  const faults: Readonly<Record<FaultKind, true>> = {
    fails: true,
    busy: true,
    "fails-after": true,
    partly: true,
    unavailable: true,
    hangs: true,
    ahead: true,
    slow: true,
    incomplete: true,
    ends: true,
    "ends-after": true,
    stops: true,
  };
  const ports: Readonly<Record<PortName, true>> = {
    "store.write": true,
    "store.read": true,
    open: true,
    list: true,
    get: true,
    call: true,
    prepare: true,
    mutate: true,
    setup: true,
  };
  const ends = ["clean", "dropped", "doubtful", "an end", "failures", "incomplete", "held"];
  const missing = [...Object.keys(faults), ...Object.keys(ports), ...ends].filter((name) => !seen.has(name));
  expect(runs < 300 ? [] : missing).toEqual([]);
});

test("histories on disk do so too", async () => {
  await runSeeds("lmdb", firstSeed, Math.ceil(runs / 10));
}, 300_000);

test("and histories in processes that are killed", async () => {
  await runSeeds("kills", firstSeed, Math.ceil(runs / 100));
}, 300_000);
