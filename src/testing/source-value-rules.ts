import { broken } from "./conformance-suite.ts";
import { brief, type KitRow } from "./row-schema.ts";
import type { SourceBench, SourceRules } from "./source-bench.ts";

/** What is outside is what a flow gets, whatever the rows hold. */
export const sourceValueRules: SourceRules = {
  async "keys come as they were written"(bench) {
    await expectRoundTrip(bench, bench.samples.oddKeys(), "odd keys");
  },

  async "keys that look alike are different rows"(bench) {
    const rows = bench.samples.alikeKeys();
    await expectRoundTrip(bench, rows, "keys that look alike");
    await bench.remove(...rows.filter((_, n) => n % 2 === 0));
    const left = rows.filter((_, n) => n % 2 === 1);
    await bench.expectRows(await bench.open(), left, "after every other one was removed");
  },

  async "values come as they were written"(bench) {
    await expectRoundTrip(bench, bench.samples.oddValues(), "odd values");
  },

  async "random rows come as they were written"(bench) {
    await expectRoundTrip(bench, bench.samples.random(60, bench.seed), `random rows of seed ${bench.seed}`);
  },

  async "keys and values fit their schemas"(bench) {
    await bench.write(...bench.samples.rows(5), ...bench.samples.given);
    const opened = await bench.open();
    for (const { key, value } of await opened.list()) {
      const parsed = opened.definition.key.safeParse(key);
      if (!parsed.success) broken(`the key ${brief(key)} does not fit: ${parsed.error.issues[0]!.message}`);
      if (value !== undefined) opened.checkedValue(value, key);
      opened.checkedValue((await opened.get(key))?.value, key);
    }
  },

  async "a missing row is null"(bench) {
    await bench.write(...bench.samples.rows(2));
    const opened = await bench.open();
    for (const row of bench.samples.rows(2, 700)) {
      const found = await opened.getRow(row);
      if (found !== null) broken(`getValue of a row that never was yielded ${brief(found)}`);
    }
  },

  async "rows can be read while the listing goes on"(bench) {
    const rows = bench.samples.rows(Math.min(bench.manyRows, 300));
    await bench.write(...rows);
    const opened = await bench.open();
    const found = [];
    for await (const page of opened.pages(new AbortController().signal, (reason) => broken(String(reason)))) {
      for (const { key } of page) found.push({ key, value: (await opened.get(key))?.value });
    }
    bench.schema.expectSame(found, rows, "read while it was listed, the source");
  },

  async "rows read at the same time get their own values"(bench) {
    const rows = bench.samples.rows(100);
    await bench.write(...rows);
    const opened = await bench.open();
    const found = await Promise.all(
      rows.map(async (row) => ({
        key: bench.schema.givenKey(row.key),
        value: (await opened.getRow(row))?.value,
      })),
    );
    bench.schema.expectSame(found, rows, "read at the same time, the source");
  },
};

/** What holds where listings have the values. */
export const sourceListedValueRules: SourceRules = {
  async "a listed value is the row's value"(bench) {
    const rows = [...bench.samples.oddValues(), ...bench.samples.rows(3, 800)];
    await bench.write(...rows);
    const entries = await (await bench.open()).list();
    const listed = entries.map(({ key, value }) => ({ key, value }));
    bench.schema.expectSame(listed, rows, "by the values that it lists, the source");
  },
};

async function expectRoundTrip(bench: SourceBench, rows: readonly KitRow[], what: string): Promise<void> {
  await bench.write(...rows);
  await bench.expectRows(await bench.open(), rows, `after ${what} were written`);
}
