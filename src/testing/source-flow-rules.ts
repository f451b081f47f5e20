import { seededRandom } from "../kernel/random.ts";
import { broken } from "./conformance-suite.ts";
import type { KitRow } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";

/** What the target of a flow holds after each step. */
export const sourceFlowRules: SourceRules = {
  async "a first build has every row"(bench) {
    const rows = bench.samples.rows(12);
    await bench.write(...rows);
    const flow = await bench.flow();
    await flow.expectUpdate("the first build", { inserted: 12 });
    flow.expectRows(rows, "after a first build");
  },

  async "an edit is one changed row"(bench) {
    const rows = await build(bench, 6);
    const edited = bench.samples.edited(rows[2]!);
    await bench.write(edited);
    const flow = await bench.flow();
    await flow.expectUpdate("an update after an edit", { inserted: 0, updated: 1, deleted: 0 });
    flow.expectRows(rows.with(2, edited), "after an edit");
  },

  async "a row that leaves the source leaves the target"(bench) {
    const rows = await build(bench, 6);
    await bench.remove(rows[4]!);
    const flow = await bench.flow();
    await flow.expectUpdate("an update after a removal", { inserted: 0, updated: 0, deleted: 1 });
    flow.expectRows(
      rows.filter((_, n) => n !== 4),
      "after a row was removed",
    );
    await bench.write(rows[4]!);
    await flow.expectUpdate("an update after a return", { inserted: 1, updated: 0, deleted: 0 });
    flow.expectRows(rows, "after the row came back");
  },

  async "a random history ends as a rebuild would"(bench) {
    const random = seededRandom(bench.seed);
    const below = (limit: number) => Math.floor(random.next() * limit);
    const rows = new Map((await build(bench, 8)).map((row, n) => [n, row]));
    const flow = await bench.flow();
    for (let step = 0; step < 12; step++) {
      for (let edits = 1 + below(4); edits > 0; edits--) {
        const n = below(14);
        const there = rows.get(n);
        if (there && rows.size > 5 && random.next() < 0.3) {
          await bench.remove(there);
          rows.delete(n);
        } else {
          rows.set(n, bench.samples.edited(bench.samples.row(n), 1 + below(3)));
          await bench.write(rows.get(n)!);
        }
      }
      const when = `in the history of seed ${bench.seed}, after step ${step},`;
      await flow.expectUpdate(`an update ${when}`);
      flow.expectRows(rows.values(), when);
    }
  },
};

/** What holds where a row can be written again as it is. */
export const sourceTouchRules: SourceRules = {
  async "a row that was only touched is not written"(bench) {
    const rows = await build(bench, 5);
    await bench.touch(rows[3]!);
    const flow = await bench.flow();
    const info = await flow.expectUpdate("an update after a touch", { inserted: 0, updated: 0, deleted: 0 });
    if (flow.writesOf(info) > 0) broken(`a row was touched, and ${flow.writesOf(info)} were written`);
    flow.expectRows(rows, "after a row was touched");
  },
};

/** What holds where a row can be given another key in one act. */
export const sourceRenameRules: SourceRules = {
  async "a renamed row is one row"(bench) {
    const rows = await build(bench, 5);
    const renamed = { key: bench.samples.row(60).key, value: rows[1]!.value };
    await bench.rename(rows[1]!, renamed);
    const flow = await bench.flow();
    await flow.expectUpdate("an update after a rename", { inserted: 1, updated: 0, deleted: 1 });
    flow.expectRows(rows.with(1, renamed), "after a rename");
  },
};

async function build(bench: SourceBench, count: number): Promise<readonly KitRow[]> {
  const rows = bench.samples.rows(count);
  await bench.write(...rows);
  await bench.settle();
  await (await bench.flow()).expectUpdate("the first build");
  return rows;
}
