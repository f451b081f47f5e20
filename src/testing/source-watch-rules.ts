import { broken } from "./conformance-suite.ts";
import type { Entry, OpenedSource } from "./opened-source.ts";
import type { KitRow } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";
import type { Change, Watcher } from "./watcher.ts";

/** What a watcher tells, and from when on. */
export const sourceWatchRules: SourceRules = {
  async "a watcher says that it listens"(bench) {
    await bench.write(...bench.samples.rows(3));
    await bench.watch(await bench.open());
  },

  async "a row that is written as soon as a watcher listens is told"(bench) {
    const row = bench.samples.row(7);
    await bench.write(...bench.samples.rows(3));
    let written: Promise<void> | null = null;
    const onArmed = () => {
      // Within the call itself: the listing of a live update may begin at once.
      written ??= bench.write(row);
      written.catch(() => {});
    };
    const watcher = bench.startWatcher(await bench.open(), { onArmed });
    await watcher.armed();
    await written;
    await watcher.tells("which was written as soon as `armed` was called,", [row]);
  },

  async "an edited row is told"(bench) {
    const { rows, watcher } = await watched(bench, 4);
    await bench.write(bench.samples.edited(rows[1]!));
    await watcher.tells("which was edited,", [rows[1]!]);
    const { mark } = watcher;
    await bench.write(bench.samples.edited(rows[1]!, 2));
    await watcher.tells("which was edited again,", [rows[1]!], mark);
  },

  async "a removed row is told"(bench) {
    const { rows, watcher, opened } = await watched(bench, 4);
    await bench.remove(rows[2]!);
    const change = await watcher.tells("which was removed,", [rows[2]!]);
    await expectGone(bench, { opened, change, row: rows[2]! });
  },

  async "a row that comes back is told as there"(bench) {
    const { rows, watcher } = await watched(bench, 3);
    const [row, again] = [rows[1]!, bench.samples.edited(rows[1]!)];
    await bench.remove(row);
    await bench.write(again);
    const last = () => watcher.toldOf(row).at(-1);
    await watcher.until(
      () => `${bench.schema.show(row)} was removed and written again, and ${lastTold(last())}`,
      () => last() !== undefined && !last()!.deleted,
    );
  },

  async "a change while the source is listed is listed or told"(bench) {
    const rows = bench.samples.rows(bench.manyRows);
    await bench.write(...rows);
    const opened = await bench.open();
    const watcher = await bench.watch(opened);
    const changed = await changeWhileListing(bench, opened, rows);
    if (!changed.isListed)
      await watcher.tells("which was written while the source was listed,", [changed.added]);
    await watcher.tells("which was listed and then edited, while the listing went on,", [changed.edited]);
    await watcher.tells("which was listed and then removed, while the listing went on,", [changed.removed]);
  },

  async "a burst of changes is told in full"(bench) {
    const rows = bench.samples.rows(Math.min(bench.manyRows, 200), 1);
    await bench.write(bench.samples.row(0));
    const watcher = await bench.watch(await bench.open());
    // An update that has all hands full does not ask for more.
    const goOn = watcher.hold();
    const { misses } = watcher;
    await bench.write(...rows);
    goOn();
    const untold = () => rows.filter((row) => watcher.toldOf(row).length === 0);
    const lack = () => {
      const left = untold();
      return `of ${rows.length} rows that were written in one go ${left.length} were neither told nor said to be missed, the first of them ${bench.schema.show(left[0]!)},`;
    };
    await watcher.until(lack, () => watcher.isExcused(misses) || untold().length === 0);
  },
};

/** What holds where a row can be given another key in one act. */
export const sourceWatchRenameRules: SourceRules = {
  async "a renamed row is told under both keys"(bench) {
    const { rows, watcher, opened } = await watched(bench, 4);
    const renamed = { key: bench.samples.row(60).key, value: rows[1]!.value };
    await bench.rename(rows[1]!, renamed);
    await watcher.tells("the new one of a renamed row,", [renamed]);
    const change = await watcher.tells("the former one of a renamed row,", [rows[1]!]);
    await expectGone(bench, { opened, change, row: rows[1]! });
  },
};

/** What holds where the whole source can be taken away. */
export const sourceWatchUnreachableRules: SourceRules = {
  async "a source that was out of reach is followed again, or the watcher says so"(bench) {
    const { watcher } = await watched(bench, 3);
    const restore = await bench.spoil("makeUnreachable");
    await restore();
    // What it said before lists the source before there is anything to find.
    const { mark, misses } = watcher;
    const row = bench.samples.row(9);
    await bench.write(row);
    const isSaid = () => watcher.isExcused(misses) || watcher.toldOf(row, mark).length > 0;
    const what = "the source was out of reach and is back, and the watcher";
    await watcher.until(`${what} neither told row ${bench.schema.show(row)} nor said anything`, isSaid);
  },
};

interface Watched {
  readonly rows: readonly KitRow[];
  readonly opened: OpenedSource;
  readonly watcher: Watcher;
}

/** Rows, and a watcher that has listened since after they were written. */
async function watched(bench: SourceBench, count: number): Promise<Watched> {
  const rows = bench.samples.rows(count);
  await bench.write(...rows);
  await bench.settle();
  const opened = await bench.open();
  return { rows, opened, watcher: await bench.watch(opened) };
}

interface Gone {
  readonly opened: OpenedSource;
  readonly change: Change;
  readonly row: KitRow;
}

async function expectGone(bench: SourceBench, { opened, change, row }: Gone): Promise<void> {
  if (change.deleted || (await opened.getRow(row)) === null) return;
  broken(`${bench.schema.show(row)} was removed and not told as deleted, and getValue still yields a value`);
}

function lastTold(change: Change | undefined): string {
  return change === undefined ? "it was not told" : "the last that was told of it is that it is deleted";
}

interface ChangedWhileListing {
  readonly added: KitRow;
  /** Whether the listing has the row that was added. */
  readonly isListed: boolean;
  readonly edited: KitRow;
  readonly removed: KitRow;
}

/** Lists the source; once two rows came by, one is edited, the other removed, and another row written. */
async function changeWhileListing(
  bench: SourceBench,
  opened: OpenedSource,
  rows: readonly KitRow[],
): Promise<ChangedWhileListing> {
  const entries: Entry[] = [];
  const added = bench.samples.row(rows.length + 10);
  let changed: { readonly edited: KitRow; readonly removed: KitRow } | null = null;
  for await (const page of opened.pages(new AbortController().signal, (reason) => broken(String(reason)))) {
    entries.push(...page);
    if (changed || entries.length < 2) continue;
    const ids = new Set(entries.slice(0, 2).map(({ key }) => opened.idOf(key)));
    const [one, other] = rows.filter(({ key }) => ids.has(opened.idOf(bench.schema.givenKey(key))));
    changed = { edited: bench.samples.edited(one!), removed: other! };
    await bench.write(changed.edited, added);
    await bench.remove(changed.removed);
  }
  if (!changed) broken(`a listing of ${rows.length} rows yielded ${entries.length}`);
  return { ...changed, added, isListed: opened.entryOf(entries, added) !== null };
}
