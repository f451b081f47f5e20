import { canonicalJson } from "../kernel/canonical-json.ts";
import { broken } from "./conformance-suite.ts";
import { isPlainJson } from "./plain-json.ts";
import { brief } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";

/** What a listing has. */
export const sourceListingRules: SourceRules = {
  async "the source declares and lists what the kit was told"(bench) {
    const { definition } = await bench.use();
    const told = { ordered: false, providesOrdinal: false, ...bench.options.capabilities };
    for (const name of ["ordered", "providesOrdinal"] as const) {
      if (told[name] === definition[name]) continue;
      broken(`the source says ${definition[name]} of ${name}, and the kit was told ${told[name]}`);
    }
    const [has, wants] = [definition.setup !== null, bench.options.capabilities?.setsUp ?? false];
    if (has !== wants)
      broken(`the source ${has ? "has" : "has no"} \`setup\`, and the kit was told ${wants} of setsUp`);
    await checkWatching(bench);
    await bench.write(...bench.samples.rows(3));
    const entries = await (await bench.open()).list();
    const listed = { providesOrdinal: "ordinal", versions: "contentVersion", listsValues: "value" } as const;
    for (const [capability, field] of Object.entries(listed)) {
      const wanted = told[capability as keyof typeof listed] ?? false;
      const other = entries.find((entry) => (entry[field] !== undefined) !== wanted);
      if (other) broken(`the kit was told ${wanted} of ${capability}, and a listing has ${brief(other)}`);
    }
  },

  async "what values depend on is plain JSON"(bench) {
    const { definition, spec } = await bench.use();
    const [one, other] = [definition.valueSpec(spec), definition.valueSpec(spec)];
    if (!isPlainJson(one)) broken(`valueSpec returned ${brief(one)}`);
    if (canonicalJson(one) !== canonicalJson(other))
      broken(`the same spec gave ${brief(one)} and then ${brief(other)}`);
  },

  async "an empty source lists nothing"(bench) {
    const opened = await bench.open();
    const entries = await opened.list();
    if (entries.length > 0) broken(`a source without rows listed ${brief(entries[0]!.key)}`);
  },

  async "a listing yields every row once"(bench) {
    const rows = [...bench.samples.given];
    await bench.write(...rows);
    await bench.expectRows(await bench.open(), rows, "after a few rows were written");
  },

  async "a listing of many rows yields each of them once"(bench) {
    const rows = bench.samples.rows(bench.manyRows);
    await bench.write(...rows);
    const entries = await (await bench.open()).list();
    const listed = entries.map(({ key }) => ({ key, value: rows[0]!.value }));
    const expected = rows.map(({ key }) => ({ key, value: rows[0]!.value }));
    bench.schema.expectSame(listed, expected, `a listing of ${rows.length} rows`);
  },

  async "two listings of an unchanged source are equal"(bench) {
    await bench.write(...bench.samples.rows(20));
    const [one, other] = [await bench.open(), await bench.open()];
    const texts = [await one.list(), await one.list(), await other.list()].map((entries) =>
      entries.map((entry) => `${brief(entry.key)} ${versionsOf(entry)}`).sort(),
    );
    for (const text of texts.slice(1)) {
      const at = texts[0]!.findIndex((entry, n) => entry !== text[n]);
      if (at >= 0 || text.length !== texts[0]!.length)
        broken(`nothing changed, and a listing had ${texts[0]![at]}, the next ${text[at]}`);
    }
  },

  async "a removed row is gone"(bench) {
    const rows = bench.samples.rows(5);
    await bench.write(...rows);
    const opened = await bench.open();
    await bench.expectRows(opened, rows, "before the removal");
    await bench.remove(rows[1]!, rows[3]!);
    const again = await bench.open();
    const found = await again.getRow(rows[1]!);
    if (found !== null) broken(`getValue of a removed row yielded ${brief(found.value)}`);
    await bench.expectRows(
      again,
      rows.filter((_, n) => n % 2 === 0),
      "after two rows were removed",
    );
  },
};

/** What holds where a source lists in the order of its keys. */
export const sourceOrderRules: SourceRules = {
  async "rows are listed in the order of their keys"(bench) {
    const rows = new Map(
      [...bench.samples.rows(120), ...bench.samples.oddKeys(), ...bench.samples.alikeKeys()].map((row) => [
        bench.schema.idOf(row),
        row,
      ]),
    );
    await bench.write(...rows.values());
    const opened = await bench.open();
    let last: { readonly key: unknown; readonly bytes: Uint8Array } | null = null;
    for (const { key } of await opened.list()) {
      const bytes = opened.encodedKey(key);
      if (last && Buffer.compare(last.bytes, bytes) > 0)
        broken(`${brief(last.key)} came before ${brief(key)}`);
      last = { key, bytes };
    }
  },
};

/** What holds where a part of the source can be made unreadable. */
export const sourceUnreadableRules: SourceRules = {
  async "what cannot be read is said"(bench) {
    const rows = bench.samples.rows(6);
    await bench.write(...rows);
    const restore = await bench.spoil("makeUnreadable");
    const opened = await bench.open();
    const { entries, incomplete } = await opened.tryList();
    let said = incomplete.length > 0;
    for (const row of rows) {
      if (opened.entryOf(entries, row) === null) {
        if (incomplete.length === 0)
          broken(`a listing left out ${bench.schema.show(row)}, and said to be complete`);
        continue;
      }
      const found = await opened.getRow(row).catch(() => "unreadable" as const);
      if (found === null) broken(`getValue of ${bench.schema.show(row)} said that it is gone`);
      said ||= found === "unreadable";
    }
    if (!said) broken("a part of the source is unreadable, and neither list nor getValue said so");
    await restore();
    await bench.expectRows(await bench.open(), rows, "once it can be read again,");
  },

  async "rows that cannot be listed stay in the target"(bench) {
    const rows = bench.samples.rows(6);
    await bench.write(...rows);
    const flow = await bench.flow();
    await flow.expectUpdate("the first build");
    const restore = await bench.spoil("makeUnreadable");
    await flow.update();
    flow.expectRows(rows, "while a part of the source cannot be read,");
    await restore();
    await flow.expectUpdate("the update once it can be read again");
    flow.expectRows(rows, "once it can be read again,");
  },
};

/** What holds where the whole source can be taken away. */
export const sourceUnreachableRules: SourceRules = {
  async "a source that cannot be reached is no empty source"(bench) {
    const rows = bench.samples.rows(4);
    await bench.write(...rows);
    const restore = await bench.spoil("makeUnreachable");
    const opened = await bench.open().catch(() => null);
    if (opened) {
      const { entries, incomplete } = await opened.tryList();
      if (incomplete.length === 0)
        broken(`a source out of reach listed ${entries.length} rows, and called that complete`);
      const found = await opened.getRow(rows[0]!).catch(() => "unreadable" as const);
      if (found === null) broken("getValue of a row of a source out of reach said that the row is gone");
    }
    await restore();
    await bench.expectRows(await bench.open(), rows, "once it can be reached again,");
  },
};

function versionsOf({
  ordinal,
  contentVersion,
}: {
  readonly ordinal?: unknown;
  readonly contentVersion?: unknown;
}) {
  return `${brief(ordinal)} ${brief(contentVersion)}`;
}

/** The longest heartbeat that the kit waits for. */
const longestHeartbeatMs = 5_000;

/** Fails unless the source is watched, and gives signs of life, as the kit was told. */
async function checkWatching(bench: SourceBench): Promise<void> {
  const { definition, spec } = await bench.use();
  const { watches = false, heartbeats = false } = bench.options.capabilities ?? {};
  const isWatched = definition.watches(spec);
  if (watches) await bench.expectWatch();
  if (watches !== isWatched)
    broken(`the source says ${isWatched} of watches, and the kit was told ${watches}`);
  const hasHeartbeats = isWatched && definition.watchHeartbeatMs <= longestHeartbeatMs;
  if (heartbeats !== hasHeartbeats)
    broken(
      `the source has a heartbeat of ${definition.watchHeartbeatMs} ms, and the kit was told ${heartbeats} of heartbeats`,
    );
}
