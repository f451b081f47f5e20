import { broken } from "./conformance-suite.ts";
import type { OpenedSource } from "./opened-source.ts";
import { brief, type KitRow } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";
import type { Change, Watcher } from "./watcher.ts";

/** What is said of the rows that are told. */
export const sourceChangeRules: SourceRules = {
  async "told keys and values fit their schemas"(bench) {
    const { opened, watcher } = await changed(bench);
    for (const { key, value } of watcher.changes) {
      const parsed = opened.definition.key.safeParse(key);
      if (!parsed.success)
        broken(`a change told the key ${brief(key)}, which does not fit: ${parsed.error.issues[0]!.message}`);
      if (value !== undefined) opened.checkedValue(value, key);
    }
  },

  async "a told row is listed, or is gone"(bench) {
    const { present, watcher, opened } = await changed(bench);
    await expectListedOrGone(opened, watcher);
    for (const row of present) {
      const isThere = () => !watcher.toldOf(row).at(-1)!.deleted;
      await watcher.until(
        `${bench.schema.show(row)} is there, and was not told again as not deleted`,
        isThere,
      );
    }
  },

  async "a told value is the row's value"(bench) {
    const { present, watcher } = await changed(bench);
    for (const row of present) {
      const { value: due } = row;
      const told = () => watcher.toldOf(row).at(-1)!.value;
      // Only what is told last counts, which may be still to come.
      const isRight = () => told() === undefined || isValueOf(bench, row, told());
      const lack = () =>
        `${bench.schema.show(row)} was told with the value ${brief(told())}, and not with ${brief(due)} after that`;
      await watcher.until(lack, isRight);
    }
  },
};

/** What holds where something can be changed that is no row of the source. */
export const sourceForeignChangeRules: SourceRules = {
  async "what is no row of the source is not told as one"(bench) {
    const [row, next] = bench.samples.rows(2);
    await bench.write(row!);
    const opened = await bench.open();
    const watcher = await bench.watch(opened);
    await bench.options.outside.writeForeign!(bench.place);
    await bench.write(next!);
    await watcher.tells("which was written after what is no row of the source,", [next!]);
    await expectListedOrGone(opened, watcher);
  },
};

/** What holds where a source knows versions of its rows. */
export const sourceChangeVersionRules: SourceRules = {
  async "told versions are those of the next listing"(bench) {
    const { present, watcher, opened } = await changed(bench);
    const entries = await opened.list();
    for (const row of present) {
      const entry = opened.entryOf(entries, row) ?? broken(`a listing lacks row ${bench.schema.show(row)}`);
      const told = () => watcher.toldOf(row).at(-1)!;
      const lack = () =>
        `${bench.schema.show(row)} was told with ${brief(versionsOf(told()))}, and not with ${brief(versionsOf(entry))} after that`;
      const isSame = () =>
        Object.entries(versionsOf(told())).every(
          ([name, version]) => version === undefined || version === versionsOf(entry)[name as keyof Versions],
        );
      await watcher.until(lack, isSame);
    }
  },
};

/** What holds where a source gives ordinals. */
export const sourceChangeOrdinalRules: SourceRules = {
  async "a told value has its ordinal"(bench) {
    const { watcher } = await changed(bench);
    for (const { key, value, ordinal } of watcher.changes)
      if (value !== undefined && ordinal === undefined)
        broken(`a change told a value of ${brief(key)} without an ordinal`);
  },
};

interface Changed {
  readonly opened: OpenedSource;
  readonly watcher: Watcher;
  /** Rows that were told and are there. */
  readonly present: readonly KitRow[];
}

/** A watcher that has told of a new row, edited ones, one that was removed and, where it can be, one that was renamed. */
async function changed(bench: SourceBench): Promise<Changed> {
  const { samples } = bench;
  const rows = samples.rows(5);
  await bench.write(...rows);
  await bench.settle();
  const opened = await bench.open();
  const watcher = await bench.watch(opened);
  const present = [samples.row(20), samples.edited(rows[1]!, 2), samples.edited(rows[2]!)];
  await bench.write(present[0]!, samples.edited(rows[1]!), ...present.slice(1));
  await bench.remove(rows[3]!);
  const gone = [rows[3]!];
  if (bench.options.outside.rename) {
    present.push({ key: samples.row(21).key, value: rows[4]!.value });
    await bench.rename(rows[4]!, present.at(-1)!);
    gone.push(rows[4]!);
  }
  await watcher.tells("which has changed,", [...present, ...gone]);
  return { opened, watcher, present };
}

/** Sees to it that no flow makes a row of what was told, which its next listing would then remove. */
async function expectListedOrGone(opened: OpenedSource, watcher: Watcher): Promise<void> {
  const listed = new Set((await opened.list()).map(({ key }) => opened.idOf(key)));
  for (const { key } of watcher.changes) {
    if (listed.has(opened.idOf(key))) continue;
    const found = await opened.get(key);
    if (found === null) continue;
    broken(
      `a change told the key ${brief(key)}; no listing has it, and getValue yields ${brief(found.value)}`,
    );
  }
}

function isValueOf(bench: SourceBench, row: KitRow, value: unknown): boolean {
  return bench.schema.sameValue(bench.schema.row({ key: bench.schema.givenKey(row.key), value }), row);
}

interface Versions {
  readonly contentVersion: string | undefined;
  readonly ordinal: string | undefined;
}

/** The versions as text, so that equal ones are equal whatever they are made of. */
function versionsOf({ contentVersion, ordinal }: Pick<Change, "contentVersion" | "ordinal">): Versions {
  return {
    contentVersion: contentVersion === undefined ? undefined : Buffer.from(contentVersion).toString("latin1"),
    ordinal: ordinal === undefined ? undefined : `${ordinal}`,
  };
}
