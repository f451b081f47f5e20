import { broken } from "./conformance-suite.ts";
import type { Entry } from "./opened-source.ts";
import { brief } from "./row-schema.ts";
import type { SourceRules } from "./source-bench.ts";

/** Opening, closing and stopping. */
export const sourceLifecycleRules: SourceRules = {
  async "a source can be opened again after it was closed"(bench) {
    const rows = bench.samples.rows(3);
    await bench.write(...rows);
    await (await bench.open()).close();
    for (const time of ["second", "third"]) {
      const opened = await bench.open();
      await bench.expectRows(opened, rows, `opened for the ${time} time,`);
      await opened.close();
    }
  },

  async "closing one connection leaves another open"(bench) {
    const rows = bench.samples.rows(3);
    await bench.write(...rows);
    const [one, other] = [await bench.open(), await bench.open()];
    await bench.expectRows(one, rows, "through one of two connections");
    await one.close();
    await bench.expectRows(other, rows, "after another connection was closed,");
  },

  async "a listing that is given up can be closed"(bench) {
    const rows = bench.samples.rows(Math.min(bench.manyRows, 300));
    await bench.write(...rows);
    const opened = await bench.open();
    for await (const _page of opened.pages(new AbortController().signal, () => {})) break;
    await opened.close();
    await bench.expectRows(await bench.open(), rows, "after a listing was given up");
  },

  async "a listing stops when it is aborted"(bench) {
    await bench.write(...bench.samples.rows(bench.manyRows));
    const opened = await bench.open();
    const stop = new AbortController();
    const pages: (readonly Entry[])[] = [];
    try {
      for await (const page of opened.pages(stop.signal, () => {})) {
        pages.push(page);
        stop.abort(new Error("the kit has aborted the listing"));
      }
    } catch (thrown) {
      if (!stop.signal.aborted) throw thrown;
      if (thrown instanceof Error && /did not end within/.test(thrown.message)) throw thrown;
    }
    // A page may have been on its way.
    if (pages.length > 2)
      broken(`a listing that was aborted after one page yielded ${pages.length - 1} more`);
  },

  async "an aborted read does not say that the row is gone"(bench) {
    const row = bench.samples.row(1);
    await bench.write(row);
    const opened = await bench.open();
    const signal = AbortSignal.abort(new Error("the kit has aborted the read"));
    const key = bench.schema.givenKey(row.key);
    const found = await opened.get(key, signal).catch((thrown: unknown) => {
      if (/did not end within/.test(String(thrown))) throw thrown;
      return "aborted" as const;
    });
    if (found === "aborted") return;
    if (found === null) broken("getValue with an aborted signal said that the row is gone");
    bench.schema.expectSame(
      [{ key, value: found.value }],
      [row],
      `read with an aborted signal, ${brief(key)}`,
    );
  },

  async "a row that goes after the listing is null"(bench) {
    const rows = bench.samples.rows(3);
    await bench.write(...rows);
    const opened = await bench.open();
    await opened.list();
    await bench.remove(rows[1]!);
    const found = await opened.getRow(rows[1]!);
    if (found !== null)
      broken(`getValue of a row that was removed after the listing yielded ${brief(found.value)}`);
  },
};
