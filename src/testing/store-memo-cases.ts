import assert from "node:assert/strict";
import type { StateStore } from "../contracts/state-store.ts";
import type { Fingerprint } from "../values/fingerprint.ts";
import { type StoreCases, sourceOne, sourceTwo, utf8 } from "./store-bench.ts";

const [first, second, third] = ["1", "2", "3"].map((digit) => digit.repeat(32) as Fingerprint) as [
  Fingerprint,
  Fingerprint,
  Fingerprint,
];
const row = { source: sourceOne, key: utf8("a") };
const hour = 3_600_000;
const thousands = Array.from({ length: 5000 }, (_, i) => i.toString(16).padStart(32, "0") as Fingerprint);

/** Results of calls, and the rows that refer to them. */
export const storeMemoCases: StoreCases = () => ({
  async "gives results in the order asked, null where there is none"(bench) {
    const held = await bench.openHeld();
    await held.write({
      memos: [
        { fingerprint: first, result: utf8("one") },
        { fingerprint: second, result: utf8("") },
      ],
    });
    assert.deepEqual(await read(held.store, [second, third, first]), ["", null, "one"]);
    await held.write({ memos: [{ fingerprint: first, result: utf8("other") }] });
    assert.deepEqual(await read(held.store, [first]), ["other"]);
  },

  async "collects a memo that no row refers to, after its time"(bench) {
    const held = await bench.openHeld();
    await held.write({ memos: [{ fingerprint: first, result: utf8("one") }] });
    bench.clock.time += hour;
    assert.equal(await held.store.collectMemos({ retentionMs: hour + 1 }), 0);
    assert.equal(await held.store.collectMemos({ retentionMs: hour }), 1);
    assert.deepEqual(await read(held.store, [first]), [null]);
  },

  async "keeps a memo as long as a row refers to it, and its time from then"(bench) {
    const held = await bench.openHeld();
    await held.write({
      memos: [{ fingerprint: first, result: utf8("one") }],
      rows: [{ ...row, memos: [first, first] }],
    });
    await held.write({ rows: [{ ...row, key: utf8("b"), memos: [first] }] });
    bench.clock.time += hour;
    await held.write({ rows: [{ ...row, memos: [] }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 0);
    await held.write({ rows: [{ ...row, key: utf8("b"), version: null, memos: [second] }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 1 }), 0);
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 1);
  },

  async "keeps a memo that a row refers to again"(bench) {
    const held = await bench.openHeld();
    await held.write({ memos: [{ fingerprint: first, result: utf8("one") }] });
    bench.clock.time += hour;
    await held.write({ rows: [{ ...row, memos: [first] }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 0);
    await held.write({ rows: [{ ...row, outputs: utf8("o") }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 0);
  },

  async "knows a reference that came before its result"(bench) {
    const held = await bench.openHeld();
    await held.write({ rows: [{ ...row, memos: [first] }] });
    await held.write({ memos: [{ fingerprint: first, result: utf8("one") }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 0);
  },

  async "gives references back when sources or flows are removed"(bench) {
    const held = await bench.openHeld();
    const other = await bench.openHeld("other");
    const results = [first, second, third].map((fingerprint) => ({ fingerprint, result: utf8("r") }));
    await held.write({
      memos: results,
      rows: [
        { ...row, memos: [first] },
        { ...row, source: sourceTwo, key: utf8("k".repeat(3000)), memos: [second] },
      ],
    });
    await other.write({ rows: [{ ...row, memos: [third] }] });
    await held.write({ removeSources: [sourceOne] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 1);
    await held.write({ removeFlow: true });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 1);
    assert.deepEqual(await read(held.store, [first, second, third]), [null, null, "r"]);
  },

  async "leaves what is in use, and takes it when it is not"(bench) {
    const held = await bench.openHeld();
    const memos = [first, second].map((fingerprint) => ({ fingerprint, result: utf8("r") }));
    await held.write({ memos });
    const inUse = () => new Set([second]);
    assert.equal(await held.store.collectMemos({ retentionMs: 0, inUse }), 1);
    assert.deepEqual(await read(held.store, [first, second]), [null, "r"]);
    await held.write({ rows: [{ ...row, memos: [second] }] });
    await held.write({ rows: [{ ...row, memos: [] }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0, inUse: () => new Set() }), 1);
    assert.deepEqual(await read(held.store, [second]), [null]);
  },

  async "leaves what comes into use, and is read, while it collects"(bench) {
    const held = await bench.openHeld();
    await held.write({ memos: thousands.map((fingerprint) => ({ fingerprint, result: utf8("r") })) });
    const used = new Set<Fingerprint>();
    const collecting = held.store.collectMemos({ retentionMs: 0, inUse: () => new Set(used) });
    const found: Fingerprint[] = [];
    // From the end, and one a turn: what is collected in several steps has not come to these when it begins.
    for (const fingerprint of thousands.slice(-20).reverse()) {
      used.add(fingerprint);
      if ((await read(held.store, [fingerprint]))[0] !== null) found.push(fingerprint);
      await bench.clock.idle();
    }
    assert.equal(await collecting, thousands.length - found.length);
    assert.deepEqual(
      await read(held.store, found),
      found.map(() => "r"),
    );
  },

  async "collects thousands"(bench) {
    const held = await bench.openHeld();
    await held.write({ memos: thousands.map((fingerprint) => ({ fingerprint, result: utf8("r") })) });
    await held.write({ rows: [{ ...row, memos: thousands.slice(0, 10) }] });
    assert.equal(await held.store.collectMemos({ retentionMs: 0 }), 4990);
    const left = (await held.store.readMemos(thousands)).filter((result) => result !== null);
    assert.equal(left.length, 10);
  },
});

async function read(store: StateStore, fingerprints: readonly Fingerprint[]): Promise<(string | null)[]> {
  return (await store.readMemos(fingerprints))
    .map((result) => result && new TextDecoder().decode(result))
    .map((text) => text ?? null);
}
