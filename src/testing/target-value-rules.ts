import type { KitRow } from "./row-schema.ts";
import { deletionOf } from "./target-backend.ts";
import type { TargetBench, TargetRules } from "./target-bench.ts";

/** What is written is what is there, whatever the rows hold. */
export const targetValueRules: TargetRules = {
  async "keys come back as they were given"(bench) {
    await expectRoundTrip(bench, bench.samples.oddKeys(), "odd keys");
  },

  async "keys that look alike are different rows"(bench) {
    await expectRoundTrip(bench, bench.samples.alikeKeys(), "keys that look alike");
  },

  async "values come back as they were given"(bench) {
    await expectRoundTrip(bench, bench.samples.oddValues(), "odd values");
  },

  async "random rows come back as they were given"(bench) {
    for (let seed = bench.seed; seed < bench.seed + 3; seed++) {
      await expectRoundTrip(bench, bench.samples.random(60, seed), `random rows of seed ${seed}`);
    }
  },
};

/** In one call, then each alone; then every other row is deleted, which must leave the rest. */
async function expectRoundTrip(bench: TargetBench, rows: readonly KitRow[], what: string): Promise<void> {
  const together = await (await bench.backend()).createWith(rows);
  await together.expectRows(rows, `after ${what} were written in one call,`);
  const odd = rows.filter((_, n) => n % 2 === 1);
  await together.write(rows.filter((_, n) => n % 2 === 0).map(deletionOf));
  await together.expectRows(odd, `after every other row of ${what} was deleted,`);
  const alone = await (await bench.backend()).create();
  const opened = await alone.open();
  for (const row of rows) await alone.mutate([opened.batch([row])]);
  await opened.close();
  await alone.expectRows(rows, `after ${what} were written in a call each,`);
}
