import assert from "node:assert/strict";
import type { RowWrite, Scan } from "../contracts/state-store.ts";
import { bytesToHex, compareBytes } from "../kernel/bytes.ts";
import { seededRandom } from "../kernel/random.ts";
import { type HeldFlow, type StoreCases, sourceOne, sourceTwo, utf8 } from "./store-bench.ts";
import { readScan } from "./store-dump.ts";
import { modelKeys } from "./store-operations.ts";

const manyRows = 10_000;

/** Passes over the rows of a source. */
export const storeScanCases: StoreCases = () => ({
  async "scans keys of any length in the order of their bytes"(bench) {
    const held = await bench.openHeld();
    const rows = modelKeys.map((key, i) => ({ source: sourceOne, key, version: utf8(String(i)) }));
    await held.write({ rows: [...rows].reverse() });
    const wanted = [...rows].sort((a, b) => compareBytes(a.key, b.key));
    assert.deepEqual(
      await readScan(held.store, held.flow, sourceOne),
      wanted.map(({ key, version }) => [bytesToHex(key), bytesToHex(version)]),
    );
    assert.deepEqual(await readScan(held.store, held.flow, sourceTwo), []);
  },

  async "scans rows with a version record only"(bench) {
    const held = await bench.openHeld();
    await held.write({
      rows: [
        { source: sourceOne, key: utf8("a"), outputs: utf8("o") },
        { source: sourceOne, key: utf8("b"), version: utf8("v") },
        { source: sourceOne, key: utf8("c"), failure: utf8("f") },
      ],
    });
    assert.equal((await readScan(held.store, held.flow, sourceOne)).length, 1);
    const failures: string[] = [];
    for await (const { key } of held.store.readFailures(held.flow, sourceOne)) failures.push(bytesToHex(key));
    assert.deepEqual(failures, [bytesToHex(utf8("c"))]);
  },

  async "scans many thousand rows once each"(bench) {
    const held = await bench.openHeld();
    await writeMany(held);
    const found = await readScan(held.store, held.flow, sourceOne);
    assert.deepEqual(
      found.map(([key]) => key),
      numbers(manyRows).map((i) => bytesToHex(keyOf(i))),
    );
  },

  async "yields what stays, whatever is written meanwhile"(bench) {
    const random = seededRandom(bench.seed);
    for (let run = 0; run < bench.runs; run++) {
      const held = await bench.openHeld(`flow ${run}`);
      await writeMany(held);
      const removed = new Set<string>();
      const scan = held.store.scan(held.flow, sourceOne);
      const seen: string[] = [];
      while (await readPage(scan, seen)) {
        const rows: RowWrite[] = numbers(300).map((i) => {
          const [at, added] = [Math.floor(random.next() * manyRows * 2), i % 2 === 0];
          const key = keyOf(at);
          if (!added) removed.add(bytesToHex(key));
          return { source: sourceOne, key, version: added ? utf8("new") : null };
        });
        await held.write({ rows: [...new Map(rows.map((row) => [bytesToHex(row.key), row])).values()] });
      }
      assert.deepEqual(seen, [...new Set(seen)].sort(), `seed ${bench.seed}`);
      const found = new Set(seen);
      for (const i of numbers(manyRows)) {
        const key = bytesToHex(keyOf(i));
        assert.ok(found.has(key) || removed.has(key), `row ${i} was left out (seed ${bench.seed})`);
      }
      await held.lease.release();
    }
  },

  async "never goes back, among long keys either"(bench) {
    const held = await bench.openHeld();
    const twin = (i: number) => ({
      source: sourceOne,
      key: utf8(`${"t".repeat(5000)}${i}`),
      version: utf8("v"),
    });
    await held.write({ rows: [twin(50)] });
    const scan = held.store.scan(held.flow, sourceOne);
    const seen: string[] = [];
    await readPage(scan, seen);
    await held.write({ rows: numbers(50).map(twin) });
    while (await readPage(scan, seen));
    assert.equal(seen.length, 1);
  },

  async "goes on when its source is removed under it"(bench) {
    const held = await bench.openHeld();
    await writeMany(held);
    const scan = held.store.scan(held.flow, sourceOne);
    await readPage(scan, []);
    await held.write({
      removeSources: [sourceOne],
      rows: [{ source: sourceOne, key: utf8("z"), version: utf8("v") }],
    });
    while (await readPage(scan, []));
    assert.equal((await readScan(held.store, held.flow, sourceOne)).length, 1);
  },

  async "lets several scans of one source pass each other"(bench) {
    const held = await bench.openHeld();
    await writeMany(held);
    const [one, other] = [held.store.scan(held.flow, sourceOne), held.store.scan(held.flow, sourceOne)];
    const [seenByOne, seenByOther]: [string[], string[]] = [[], []];
    await readPage(one, seenByOne);
    while (await readPage(other, seenByOther));
    while (await readPage(one, seenByOne));
    assert.deepEqual(seenByOne, seenByOther);
    one.close();
    one.close();
    assert.equal(await one.nextPage(), null);
  },
});

async function readPage(scan: Scan, into: string[]): Promise<boolean> {
  const page = await scan.nextPage();
  for (let i = 0, at = 0; i < (page?.count ?? 0); i++) {
    into.push(bytesToHex(page!.bytes.subarray(at, page!.ends[i * 2]!)));
    at = page!.ends[i * 2 + 1]!;
  }
  return page !== null;
}

async function writeMany(held: HeldFlow): Promise<void> {
  await held.write({
    rows: numbers(manyRows).map((i) => ({ source: sourceOne, key: keyOf(i), version: utf8(`v${i}`) })),
  });
}

function keyOf(i: number): Uint8Array {
  return utf8(`docs/${String(i).padStart(8, "0")}`);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
