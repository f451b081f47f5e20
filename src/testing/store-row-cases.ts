import assert from "node:assert/strict";
import { type StoreCases, sourceOne, sourceTwo, utf8 } from "./store-bench.ts";

const nothing = { version: null, outputs: null, failure: null };

/** Rows and setup records. */
export const storeRowCases: StoreCases = ({ capabilities }) => ({
  async "says what it declares"(bench) {
    assert.deepEqual((await bench.open()).capabilities, capabilities);
  },

  async "is empty at first"(bench) {
    const store = await bench.open();
    const flow = "flow" as Parameters<typeof store.readSetup>[0];
    assert.deepEqual(await store.flows(), []);
    assert.equal(await store.readSetup(flow), null);
    assert.equal(await store.leaseHolder(flow), null);
    assert.equal(await store.scan(flow, sourceOne).nextPage(), null);
    assert.deepEqual(await store.readRows(flow, [{ source: sourceOne, key: utf8("a") }]), [nothing]);
  },

  async "replaces, removes and leaves each record of a row"(bench) {
    const held = await bench.openHeld();
    const row = { source: sourceOne, key: utf8("a") };
    const read = async () => (await held.store.readRows(held.flow, [row]))[0];
    await held.write({ rows: [{ ...row, version: utf8("v1"), outputs: utf8("o1"), failure: utf8("f1") }] });
    assert.deepEqual(plain(await read()), ["v1", "o1", "f1"]);
    await held.write({ rows: [{ ...row, version: utf8("v2"), failure: null }] });
    assert.deepEqual(plain(await read()), ["v2", "o1", null]);
    await held.write({ rows: [{ ...row, version: null }] });
    assert.deepEqual(plain(await read()), [null, "o1", null]);
    await held.write({ rows: [{ ...row, outputs: new Uint8Array(0) }] });
    assert.deepEqual(plain(await read()), [null, "", null]);
  },

  async "answers in the order asked, whatever the source"(bench) {
    const held = await bench.openHeld();
    const a = { source: sourceOne, key: utf8("a") };
    const b = { source: sourceTwo, key: utf8("a") };
    await held.write({ rows: [a, b].map((row) => ({ ...row, version: utf8(`of ${row.source}`) })) });
    const missing = { source: sourceOne, key: utf8("b") };
    const found = await held.store.readRows(held.flow, [b, missing, a, b]);
    assert.deepEqual(
      found.map((row) => plain(row)[0]),
      ["of 2", null, "of 1", "of 2"],
    );
  },

  async "keeps the trace of a row, whatever else it keeps of it"(bench) {
    const held = await bench.openHeld();
    const { store, flow } = held;
    const row = { source: sourceOne, key: utf8("a") };
    const long = { source: sourceTwo, key: utf8("k".repeat(3000)) };
    const read = async (of = row) => plainText(await store.readTrace(flow, of));
    assert.equal(await read(), null);
    await held.write({ rows: [row, long].map((of) => ({ ...of, trace: utf8(`of ${of.source}`) })) });
    assert.deepEqual([await read(), await read(long)], ["of 1", "of 2"]);
    assert.deepEqual(await store.readRows(flow, [row]), [nothing]);
    assert.equal(await store.countRows(flow, sourceOne), 0);
    await held.write({ rows: [{ ...row, version: utf8("v") }] });
    await held.write({ rows: [{ ...row, version: null, outputs: null, failure: null, memos: [] }] });
    assert.equal(await read(), "of 1");
    await held.write({ rows: [{ ...row, trace: utf8("") }] });
    assert.equal(await read(), "");
    await held.write({ rows: [{ ...row, trace: null }], removeSources: [sourceTwo] });
    assert.deepEqual([await read(), await read(long)], [null, null]);
    await held.write({ rows: [{ ...long, trace: utf8("t") }] });
    await held.write({ removeFlow: true });
    assert.equal(await read(long), null);
  },

  async "counts the rows with a version record"(bench) {
    const held = await bench.openHeld();
    const { store, flow } = held;
    const count = () => Promise.all([sourceOne, sourceTwo].map((source) => store.countRows(flow, source)));
    const row = (key: string, source = sourceOne) => ({ source, key: utf8(key) });
    assert.deepEqual(await count(), [0, 0]);
    await held.write({
      rows: [
        { ...row("a"), version: utf8("v") },
        { ...row("b"), version: utf8("v") },
        { ...row("c"), failure: utf8("f") },
        { ...row("a", sourceTwo), version: utf8("v") },
      ],
    });
    assert.deepEqual(await count(), [2, 1]);
    await held.write({
      rows: [
        { ...row("a"), version: utf8("other") },
        { ...row("b"), version: null },
        { ...row("d"), version: null },
      ],
    });
    assert.deepEqual(await count(), [1, 1]);
    await held.write({ removeSources: [sourceOne], rows: [{ ...row("e"), version: utf8("v") }] });
    assert.deepEqual(await count(), [1, 1]);
    await held.write({ removeFlow: true });
    assert.deepEqual(await count(), [0, 0]);
  },

  async "copies bytes in and out"(bench) {
    const held = await bench.openHeld();
    const [key, version] = [utf8("key"), utf8("version")];
    await held.write({ rows: [{ source: sourceOne, key, version }], setup: version });
    key.fill(0);
    version.fill(0);
    const row = { source: sourceOne, key: utf8("key") };
    (await held.store.readRows(held.flow, [row]))[0]!.version!.fill(1);
    (await held.store.readSetup(held.flow))!.record.fill(1);
    assert.equal(plain((await held.store.readRows(held.flow, [row]))[0])[0], "version");
    assert.deepEqual((await held.store.readSetup(held.flow))!.record, utf8("version"));
  },

  async "keeps records of many megabytes"(bench) {
    const held = await bench.openHeld();
    const row = { source: sourceOne, key: utf8("big") };
    for (const size of [5 << 20, 20 << 20, 1]) {
      const outputs = new Uint8Array(size).fill(size % 251);
      await held.write({ rows: [{ ...row, outputs }] });
      const found = (await held.store.readRows(held.flow, [row]))[0]!.outputs!;
      assert.ok(Buffer.compare(found, outputs) === 0, `${size} bytes came back as ${found.length} others`);
    }
  },

  async "counts generations of the setup and lists the flows that have one"(bench) {
    const held = await bench.openHeld();
    assert.equal(held.lease.generation, 0);
    await held.write({ setup: utf8("one") });
    await held.write({ setup: utf8("two") });
    assert.deepEqual(await held.store.readSetup(held.flow), {
      record: new Uint8Array(utf8("two")),
      generation: 2,
    });
    assert.deepEqual(await held.store.flows(), ["flow"]);
    await held.write({ removeFlow: true });
    assert.deepEqual(await held.store.flows(), []);
    assert.equal(await held.store.readSetup(held.flow), null);
    await held.lease.release();
    const next = await held.store.acquireLease(held.flow, { purpose: "test" });
    assert.deepEqual([next.number > held.lease.number, next.generation], [true, 3]);
  },

  async "removes sources and flows, and nothing else"(bench) {
    const held = await bench.openHeld();
    const other = await bench.openHeld("other");
    const rows = [sourceOne, sourceTwo].map((source) => ({
      source,
      key: utf8("a"),
      version: utf8("v"),
      outputs: utf8("o"),
    }));
    await held.write({ rows });
    await other.write({ rows });
    await held.write({ removeSources: [sourceOne] });
    assert.deepEqual((await held.store.readRows(held.flow, rows)).map(plain), [
      [null, null, null],
      ["v", "o", null],
    ]);
    await held.write({ removeFlow: true });
    assert.deepEqual((await held.store.readRows(held.flow, rows)).map(plain), [
      [null, null, null],
      [null, null, null],
    ]);
    assert.deepEqual((await other.store.readRows(other.flow, rows)).map(plain), [
      ["v", "o", null],
      ["v", "o", null],
    ]);
  },
});

function plain(
  row:
    | {
        readonly version: Uint8Array | null;
        readonly outputs: Uint8Array | null;
        readonly failure: Uint8Array | null;
      }
    | undefined,
) {
  return [row?.version, row?.outputs, row?.failure].map(plainText);
}

function plainText(bytes: Uint8Array | null | undefined): string | null {
  return bytes ? new TextDecoder().decode(bytes) : null;
}
