import { broken } from "./conformance-suite.ts";
import type { KitRow } from "./row-schema.ts";
import { deletionOf, type TargetBackend, type Write } from "./target-backend.ts";
import type { TargetBench, TargetRules } from "./target-bench.ts";

/** What one call of `mutate`, and then another, comes to. */
export const targetWriteRules: TargetRules = {
  async "an upsert inserts a row"(bench) {
    const backend = await (await bench.backend()).create();
    const [first, ...others] = bench.samples.given;
    await backend.write([first!]);
    await backend.expectRows([first!], "after one upsert");
    for (const row of others) await backend.write([row]);
    await backend.expectRows([first!, ...others], "after an upsert a row");
  },

  async "an upsert replaces the whole value"(bench) {
    const { samples } = bench;
    const rows = samples.rows(4);
    const backend = await (await bench.backend()).createWith(rows);
    const edited = [rows[0]!, samples.edited(rows[1]!), samples.emptied(rows[2]!), rows[3]!];
    await backend.write(edited.slice(1, 3));
    await backend.expectRows(edited, "after two rows were written with other values");
    await backend.write(rows);
    await backend.expectRows(rows, "after they were written with their first values again");
  },

  async "a deletion removes its row alone"(bench) {
    const rows = bench.samples.rows(5);
    const backend = await (await bench.backend()).createWith(rows);
    await backend.write([deletionOf(rows[2]!)]);
    const left = rows.filter((_, n) => n !== 2);
    await backend.expectRows(left, "after one row was deleted");
    await backend.write(left.map(deletionOf));
    await backend.expectRows([], "after every row was deleted");
  },

  async "deleting what is not there is no error"(bench) {
    const [row, ...others] = bench.samples.rows(4);
    const backend = await (await bench.backend()).createWith([row!]);
    await backend.write(others.map(deletionOf));
    await backend.write([deletionOf(others[0]!), bench.samples.edited(row!)]);
    await backend.expectRows([bench.samples.edited(row!)], "after deletions of rows that were not there");
  },

  async "one call takes many rows"(bench) {
    const rows = bench.samples.rows(bench.manyRows);
    const backend = await (await bench.backend()).createWith(rows);
    await backend.expectRows(rows, `after a call with ${rows.length} upserts`);
    const [going, staying] = [rows.slice(0, rows.length / 2), rows.slice(rows.length / 2)];
    const edited = staying.map((row) => bench.samples.edited(row));
    await backend.write([...going.map(deletionOf), ...edited]);
    await backend.expectRows(edited, `after a call with ${rows.length} upserts and deletions`);
  },

  async "one call takes several exports"(bench) {
    const { samples } = bench;
    const rows = samples.rows(4);
    const other = rows.map((row) => samples.edited(row));
    const [one, two] = [await bench.backend(), await bench.backend()];
    await one.createWith(rows.slice(0, 2));
    await two.createWith(other);
    const [first, second] = [await one.open(), await two.open()];
    await one.mutate([first.batch(rows), second.batch(other.slice(0, 2).map(deletionOf))]);
    await first.close();
    await second.close();
    await one.expectRows(rows, "after a call for two exports, at the first of them,");
    await two.expectRows(other.slice(2), "after a call for two exports, at the second of them,");
  },

  async "the same call twice is as good as once"(bench) {
    const { backend, writes, expected } = await mixedCall(bench);
    await backend.write(writes);
    await backend.write(writes);
    await backend.expectRows(expected, "after a call that was made twice");
  },

  async "a call that was cut short is completed by the same call again"(bench) {
    for (const applied of ["first", "second"] as const) {
      const { backend, writes, expected } = await mixedCall(bench);
      const half = writes.length / 2;
      await backend.write(applied === "first" ? writes.slice(0, half) : writes.slice(half));
      await backend.write(writes);
      await backend.expectRows(expected, `after the ${applied} half of a call and then the whole`);
    }
  },

  async "the order of writes to different keys does not matter"(bench) {
    for (const [name, order] of Object.entries(orders)) {
      const { backend, writes, expected } = await mixedCall(bench);
      await backend.write([...writes].sort(order));
      await backend.expectRows(expected, `after a call with ${name}`);
    }
  },

  async "backends of one kind do not mix"(bench) {
    const { samples } = bench;
    const rows = samples.rows(4);
    const [one, two] = [await bench.backend(), await bench.backend()];
    await one.createWith(rows);
    await two.createWith([]);
    await two.expectRows([], "after writes to another backend of the kind");
    const edited = rows.map((row) => samples.edited(row));
    await two.write(edited);
    await one.expectRows(rows, "after rows of the same keys were written to another backend of the kind");
    await two.write(edited.map(deletionOf));
    await one.expectRows(rows, "after rows of the same keys were deleted from another backend of the kind");
  },

  async "what a call is given stays as it was"(bench) {
    const rows = bench.samples.oddValues();
    const backend = await (await bench.backend()).create();
    const opened = await backend.open();
    const batch = opened.batch([...rows, deletionOf(bench.samples.row(5_000))]);
    await backend.mutate([batch]);
    await opened.close();
    if (batch.mutations.length !== rows.length + 1) broken("mutate changed the length of what it was given");
    const kept = batch.mutations
      .slice(0, -1)
      .map(({ key, value }) => ({ key: backend.keyFromTarget(key), value }));
    backend.schema.expectSame(kept, rows, "after the call, what mutate was given");
  },
};

const isDeletion = ({ value }: Write) => (value === null ? 1 : 0);
/** Sorting is stable: what an order holds for equal stays as it was. */
const orders: Readonly<Record<string, (one: Write, other: Write) => number>> = {
  "deletions first": (one, other) => isDeletion(other) - isDeletion(one),
  "deletions last": (one, other) => isDeletion(one) - isDeletion(other),
  "writes in no order": () => 0,
};

interface MixedCall {
  readonly backend: TargetBackend;
  readonly writes: readonly Write[];
  readonly expected: readonly KitRow[];
}

/** A backend with rows, and a call that inserts, replaces and deletes some of them. */
async function mixedCall(bench: TargetBench): Promise<MixedCall> {
  const { samples } = bench;
  const rows = samples.rows(8);
  const [kept, replaced, deleted] = [rows.slice(0, 2), rows.slice(2, 5), rows.slice(5)];
  const inserted = samples.rows(3, 100);
  const edited = replaced.map((row) => samples.edited(row));
  const writes = [
    inserted[0]!,
    deleted[0]!,
    edited[0]!,
    ...[1, 2].flatMap((n) => [deleted[n]!, edited[n]!, inserted[n]!]),
  ];
  return {
    backend: await (await bench.backend()).createWith(rows),
    writes: writes.map((row) => (deleted.includes(row) ? deletionOf(row) : row)),
    expected: [...kept, ...edited, ...inserted],
  };
}
