import { seededRandom } from "../kernel/random.ts";
import { broken } from "./conformance-suite.ts";
import type { OpenedSource } from "./opened-source.ts";
import { brief } from "./row-schema.ts";
import type { SourceRules } from "./source-bench.ts";
import type { Change } from "./watcher.ts";

/** What holds of changes that want to know when they are durable. */
export const sourceAcknowledgeRules: SourceRules = {
  async "changes can be acknowledged in any order"(bench) {
    const [one, others] = [bench.samples.rows(6), bench.samples.rows(6, 6)];
    const opened = await bench.open();
    const watcher = await bench.watch(opened);
    await bench.write(...one);
    await watcher.tells("which was written,", one);
    const changes = watcher.changes;
    for (const change of shuffled(changes, bench.seed)) await opened.acknowledge(change);
    await bench.write(...others);
    await watcher.tells("which was written after changes were acknowledged,", others, changes.length);
    // As when all of them land in one group.
    await acknowledgeAll(opened, watcher.changes.slice(changes.length));
    const { mark } = watcher;
    await bench.remove(one[0]!);
    await watcher.tells("which was removed after changes were acknowledged,", one.slice(0, 1), mark);
  },
};

/** What holds where changes are told until they are acknowledged. */
export const sourceRedeliveryRules: SourceRules = {
  async "a change that was not acknowledged is told again"(bench) {
    const rows = bench.samples.rows(4);
    const opened = await bench.open();
    const first = await bench.watch(opened);
    await bench.write(...rows);
    await first.tells("which was written,", rows);
    for (const { key, acknowledge } of first.changes)
      if (!acknowledge) broken(`a change told the key ${brief(key)}, and nothing to acknowledge it with`);
    await acknowledgeAll(opened, first.toldOf(rows[1]!));
    await first.stop();
    const open = rows.filter((_, n) => n !== 1);
    const again = await bench.watch(opened);
    await again.tells("whose change was told before and not acknowledged,", open);
    await again.stop();
    await opened.close();
    const reopened = await bench.watch(await bench.open());
    await reopened.tells("whose change was told before the source was closed and not acknowledged,", open);
  },

  async "a change that was acknowledged is not told again"(bench) {
    const rows = bench.samples.rows(4);
    const opened = await bench.open();
    const first = await bench.watch(opened);
    await bench.write(...rows);
    await first.tells("which was written,", rows);
    const acknowledged = new Set(first.changes);
    await acknowledgeAll(opened, [...acknowledged]);
    await first.stop();
    const again = await bench.watch(opened);
    const next = bench.samples.row(9);
    await bench.write(next);
    await again.tells("which was written,", [next]);
    // A change may have been told twice, and then late.
    const settled = rows.filter((row) => first.toldOf(row).every((change) => acknowledged.has(change)));
    const known = settled.find((row) => again.toldOf(row).length > 0);
    if (known) broken(`the change of ${bench.schema.show(known)} was acknowledged, and told again`);
  },
};

async function acknowledgeAll(opened: OpenedSource, changes: readonly Change[]): Promise<void> {
  await Promise.all(changes.map((change) => opened.acknowledge(change)));
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
