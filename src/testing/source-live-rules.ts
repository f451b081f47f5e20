import { type Random, seededRandom } from "../kernel/random.ts";
import type { KitRow } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";
import type { SourceFlow } from "./source-flow.ts";

/** What the target of a flow comes to that follows the changes of the source. */
export const sourceLiveRules: SourceRules = {
  async "a live update follows the source"(bench) {
    const { samples } = bench;
    const { flow, rows } = await followed(bench, 6);
    const [edited, added, renamed] = [samples.edited(rows[1]!), samples.row(30), samples.row(31)];
    await bench.write(added);
    await flow.comesTo([...rows, added], "after a row was written");
    await bench.write(edited);
    await flow.comesTo([...rows.with(1, edited), added], "after a row was edited");
    await bench.remove(rows[2]!);
    const present = [...rows.with(1, edited).toSpliced(2, 1), added];
    await flow.comesTo(present, "after a row was removed");
    if (bench.options.outside.touch) await bench.touch(present[0]!);
    if (bench.options.outside.rename) {
      const { value } = present[3]!;
      await bench.rename(present[3]!, renamed);
      await flow.comesTo(present.with(3, { ...renamed, value }), "after a row was renamed");
    }
    await expectRebuilt(bench, flow, "after a live update");
  },

  async "a live update of a random history ends as a rebuild would"(bench) {
    const random = seededRandom(bench.seed);
    const { flow, rows } = await followed(bench, 8);
    const there = new Map(rows.map((row, n) => [n, row]));
    for (let burst = 0; burst < 3; burst++) {
      for (let edits = 0; edits < 25; edits++) await editAtRandom(bench, there, random);
      const when = `in the history of seed ${bench.seed}, after burst ${burst}`;
      await flow.comesTo([...there.values()], when);
    }
    await expectRebuilt(bench, flow, `after the history of seed ${bench.seed}`);
  },
};

interface Followed {
  readonly flow: SourceFlow;
  readonly rows: readonly KitRow[];
}

/** A flow that holds the rows of the source, and follows its changes. */
async function followed(bench: SourceBench, count: number): Promise<Followed> {
  await bench.expectWatch();
  const rows = bench.samples.rows(count);
  await bench.write(...rows);
  await bench.settle();
  const flow = await bench.flow();
  await flow.follow();
  flow.expectRows(rows, "when a live update had caught up,");
  return { flow, rows };
}

async function editAtRandom(bench: SourceBench, there: Map<number, KitRow>, random: Random): Promise<void> {
  const below = (limit: number) => Math.floor(random.next() * limit);
  const n = below(14);
  const known = there.get(n);
  if (known && there.size > 5 && random.next() < 0.3) {
    there.delete(n);
    await bench.remove(known);
  } else {
    const row = bench.samples.edited(bench.samples.row(n), 1 + below(3));
    there.set(n, row);
    await bench.write(row);
  }
}

/** Fails unless a flow that knows nothing comes to the same. */
async function expectRebuilt(bench: SourceBench, flow: SourceFlow, when: string): Promise<void> {
  await flow.stopFollowing();
  const rebuilt = await bench.newFlow();
  await rebuilt.expectUpdate("a rebuild");
  flow.expectRows(rebuilt.rows, `${when}, compared with a rebuild,`);
}
