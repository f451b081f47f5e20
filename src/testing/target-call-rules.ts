import { messageOf } from "../errors/index.ts";
import { broken } from "./conformance-suite.ts";
import type { KitRow } from "./row-schema.ts";
import { deletionOf, type OpenTarget, type TargetBackend } from "./target-backend.ts";
import type { TargetBench, TargetRules } from "./target-bench.ts";

/** How calls end, and what opening and closing mean. */
export const targetCallRules: TargetRules = {
  async "an aborted call does not claim what it has not done"(bench) {
    const rows = bench.samples.rows(20);
    for (const when of ["before", "during"] as const) {
      const backend = await (await bench.backend()).createWith(rows.slice(0, 2));
      const opened = await backend.open();
      const stop = new AbortController();
      if (when === "before") stop.abort(new Error("the kit has aborted the call"));
      else setImmediate(() => stop.abort(new Error("the kit has aborted the call")));
      const writes = [deletionOf(rows[0]!), ...rows.slice(1)];
      const error = await backend.outcomeOf([opened.batch(writes)], { signal: stop.signal });
      const what = `a call whose signal aborted ${when} it`;
      if (error === null) await backend.expectRows(rows.slice(1), `after ${what}, which did not fail,`);
      await opened.close();
      await backend.write(writes);
      await backend.expectRows(rows.slice(1), `after ${what} was repeated,`);
    }
  },

  async "a call after close does not claim what it has not done"(bench) {
    const rows = bench.samples.rows(3);
    const backend = await (await bench.backend()).create();
    const opened = await backend.open();
    await backend.mutate([opened.batch(rows.slice(0, 1))]);
    await opened.close();
    const error = await backend.outcomeOf([opened.batch(rows)]);
    if (error === null) await backend.expectRows(rows, "after a call after close, which did not fail,");
  },

  async "prepare opens anew after close"(bench) {
    const rows = bench.samples.rows(3);
    const backend = await (await bench.backend()).create();
    await (await backend.open()).close();
    for (const row of rows) await backend.write([row]);
    await backend.expectRows(rows, "after it was opened and closed four times");
  },

  async "closing one export leaves the others open"(bench) {
    const rows = bench.samples.rows(2);
    const [one, two] = [await (await bench.backend()).create(), await (await bench.backend()).create()];
    const [first, second] = [await one.open(), await two.open()];
    await one.mutate([first.batch(rows), second.batch(rows)]);
    await first.close();
    await two.mutate([second.batch(rows.map((row) => bench.samples.edited(row)))]);
    await second.close();
    const edited = rows.map((row) => bench.samples.edited(row));
    await two.expectRows(edited, "after another export of the kind was closed,");
  },
};

/** What holds where the user has given a row that the backend refuses. */
export const targetRefusalRules: TargetRules = {
  async "a row that the backend refuses is an error"(bench) {
    const { backend, opened, rows, refused } = await refusing(bench);
    for (const writes of [[refused], [rows[0]!, refused, rows[1]!]]) {
      const error = await backend.outcomeOf([opened.batch(writes)]);
      if (error === null)
        broken(`mutate took ${writes.length} rows, and said nothing of the one that it cannot take`);
      if (messageOf(error).trim() === "") broken("mutate threw an error that says nothing");
    }
    await backend.mutate([opened.batch(rows)]);
    await opened.close();
    await backend.expectRows(rows, "after a refused row and then others");
  },
};

/** What holds where a target declares that a call which fails has applied nothing. */
export const targetAtomicRules: TargetRules = {
  async "a call that fails has applied nothing"(bench) {
    const { backend, opened, rows, refused } = await refusing(bench);
    const [kept, ...others] = rows;
    await backend.mutate([opened.batch([kept!])]);
    for (const writes of [
      [deletionOf(kept!), ...others, refused],
      [refused, ...others],
    ]) {
      const error = await backend.outcomeOf([opened.batch(writes)]);
      if (error === null) broken("mutate took a row that the backend is to refuse");
      await backend.expectRows([kept!], "after a call that failed");
    }
    await opened.close();
  },
};

interface Refusing {
  readonly backend: TargetBackend;
  readonly opened: OpenTarget;
  readonly rows: readonly KitRow[];
  readonly refused: KitRow;
}

async function refusing(bench: TargetBench): Promise<Refusing> {
  const backend = await (await bench.backend()).create();
  const refused = bench.samples.schema.row(bench.options.refused!);
  return { backend, opened: await backend.open(), rows: bench.samples.rows(3), refused };
}
