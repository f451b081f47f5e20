import type { SourceEntry, SourceValue } from "../contracts/source.ts";
import { broken } from "./conformance-suite.ts";
import type { OpenedSource } from "./opened-source.ts";
import { brief, type KitRow } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";

type Versions = Pick<SourceValue<unknown>, "contentVersion" | "ordinal">;

/** What holds where a source knows versions of its rows. */
export const sourceVersionRules: SourceRules = {
  async "a value's versions are those of the listing"(bench) {
    const rows = bench.samples.rows(5);
    await bench.write(...rows);
    await bench.settle();
    const opened = await bench.open();
    const entries = await opened.list();
    for (const row of rows) {
      const [entry, found] = [await entryOf(bench, opened, row), await opened.getRow(row)];
      if (entries.length !== rows.length || found === null) broken("rows went while nothing happened");
      if (isSame(found, entry) || isUntold(found)) continue;
      broken(`nothing changed, and getValue has ${versions(found)} where the listing had ${versions(entry)}`);
    }
  },

  async "a row that changes after the listing is read with versions of its own"(bench) {
    const { samples } = bench;
    const rows = samples.rows(3);
    await bench.write(...rows);
    await bench.settle();
    const opened = await bench.open();
    const before = await entryOf(bench, opened, rows[1]!);
    const edited = samples.edited(rows[1]!);
    await bench.write(edited);
    const found = await opened.getRow(rows[1]!);
    bench.schema.expectSame(
      [{ key: bench.schema.givenKey(edited.key), value: found?.value }],
      [edited],
      "read after it had changed, the source",
    );
    if (found && !isUntold(found) && isSame(found, before))
      broken(`getValue gave a new value with the versions of the old one: ${versions(found)}`);
    const after = await entryOf(bench, await bench.open(), rows[1]!);
    if (found && !isUntold(found) && !isSame(found, after))
      broken(`getValue gave ${versions(found)}, and the next listing has ${versions(after)}`);
  },

  async "an update without changes reads nothing"(bench) {
    await bench.write(...bench.samples.rows(8));
    await bench.settle();
    const flow = await bench.flow();
    await flow.expectUpdate("the first build", { inserted: 8 });
    await flow.expectUpdate("an update without changes", { inserted: 0, updated: 0, deleted: 0, read: 0 });
  },
};

/** What holds where every entry of a listing has a `contentVersion`. */
export const sourceContentVersionRules: SourceRules = {
  async "a content version changes when the content does"(bench) {
    let row = bench.samples.row(1);
    await bench.write(bench.samples.row(0), row);
    for (let edition = 1; edition <= 6; edition++) {
      // Versions that are trusted must hold; those of what has just been written may be left untold.
      if (edition % 2 === 0) await bench.settle();
      const opened = await bench.open();
      // What an update records is what getValue said; where it says nothing the row is read again.
      const known = (await opened.getRow(row))?.contentVersion;
      row = bench.samples.edited(row, edition);
      await bench.write(row);
      const listed = await entryOf(bench, await bench.open(), row);
      if (known !== undefined && Buffer.from(known).equals(Buffer.from(listed.contentVersion!)))
        broken(`the content changed, and its version is still ${brief(known)}`);
    }
  },
};

/** What holds where a source gives ordinals. */
export const sourceOrdinalRules: SourceRules = {
  async "ordinals grow"(bench) {
    const rows = bench.samples.rows(3);
    await bench.write(...rows);
    const before = await ordinalsOf(bench, rows);
    await bench.write(bench.samples.edited(rows[1]!));
    const after = await ordinalsOf(bench, rows);
    if (after[1]! <= before[1]!)
      broken(`a row was written, and its ordinal went from ${before[1]} to ${after[1]}`);
    for (const n of [0, 2])
      if (after[n]! !== before[n]!)
        broken(`a row was not written, and its ordinal went from ${before[n]} to ${after[n]}`);
  },
};

async function ordinalsOf(
  bench: SourceBench,
  rows: readonly KitRow[],
): Promise<readonly (number | bigint)[]> {
  const opened = await bench.open();
  const ordinals: (number | bigint)[] = [];
  for (const row of rows) {
    const { ordinal } = await entryOf(bench, opened, row);
    if (ordinal === undefined) broken(`the row ${bench.schema.show(row)} has no ordinal`);
    ordinals.push(ordinal);
  }
  return ordinals;
}

async function entryOf(
  bench: SourceBench,
  opened: OpenedSource,
  row: KitRow,
): Promise<SourceEntry<unknown, unknown>> {
  return opened.entryOf(await opened.list(), row) ?? broken(`a listing lacks row ${bench.schema.show(row)}`);
}

/** Whether a value says nothing of its version, so that it is read again. */
function isUntold({ contentVersion, ordinal }: Versions): boolean {
  return contentVersion === undefined && ordinal === undefined;
}

function isSame(one: Versions, other: Versions): boolean {
  return versions(one) === versions(other);
}

function versions({ contentVersion, ordinal }: Versions): string {
  const bytes = contentVersion === undefined ? "no version" : Buffer.from(contentVersion).toString("hex");
  return `${bytes} (ordinal ${ordinal ?? "none"})`;
}
