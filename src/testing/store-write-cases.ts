import assert from "node:assert/strict";
import { codeOf, type StoreCases, sourceOne, targetOne, utf8 } from "./store-bench.ts";

const nothing = { version: null, outputs: null, failure: null };

/** What makes a write: its parts, its fence, its place among others, and that none comes after the end. */
export const storeWriteCases: StoreCases = () => ({
  async "takes the parts of a write in their order"(bench) {
    const held = await bench.openHeld();
    const row = { source: sourceOne, key: utf8("a") };
    await held.write({ rows: [{ ...row, outputs: utf8("old") }], setup: utf8("old") });
    await held.write({ removeFlow: true, rows: [{ ...row, version: utf8("new") }], setup: utf8("new") });
    const [found] = await held.store.readRows(held.flow, [row]);
    assert.deepEqual(found, { ...nothing, version: utf8("new") });
    assert.equal((await held.store.readSetup(held.flow))!.generation, 2);
  },

  async "refuses a write whose fence is not the present one, and changes nothing"(bench) {
    const held = await bench.openHeld();
    const row = { source: sourceOne, key: utf8("a") };
    const owner = { target: targetOne, key: utf8("a") };
    const refused = {
      rows: [{ ...row, version: utf8("no") }],
      owners: [{ ...owner, record: utf8("no"), owed: true }],
      setup: utf8("no"),
    };
    const { fence } = held;
    for (const wrong of [
      { number: fence.number - 1 },
      { number: fence.number + 1 },
      { generation: 1 },
      { flow: "unknown" as typeof held.flow },
    ]) {
      assert.equal(
        await codeOf(held.store.write({ ...refused, fence: { ...fence, ...wrong } })),
        "store-fenced",
      );
    }
    await held.write({ setup: utf8("yes") });
    assert.equal(await codeOf(held.store.write({ ...refused, fence })), "store-fenced");
    await held.lease.release();
    assert.equal(await codeOf(held.store.write({ ...refused, fence: held.fence })), "store-fenced");
    assert.deepEqual(await held.store.readRows(held.flow, [row]), [nothing]);
    assert.deepEqual(await held.store.readOwners(held.flow, [owner]), [null]);
    assert.deepEqual((await held.store.readSetup(held.flow))!.record, new Uint8Array(utf8("yes")));
  },

  async "lands writes in the order of their calls, each for itself"(bench) {
    const held = await bench.openHeld();
    const row = { source: sourceOne, key: utf8("a") };
    const wrong = { ...held.fence, number: 77 };
    const calls = Array.from({ length: 30 }, (_, i) =>
      i % 7 === 3
        ? codeOf(held.store.write({ fence: wrong, rows: [{ ...row, version: utf8("wrong") }] }))
        : held.write({
            rows: [
              { ...row, version: utf8(String(i)) },
              { ...row, key: utf8(`k${i}`), version: utf8("v") },
            ],
          }),
    );
    const results = await Promise.all(calls);
    assert.deepEqual(results.filter((result) => result === "store-fenced").length, 4);
    assert.deepEqual(await held.store.readVersions(held.flow, [row]), [utf8("29")]);
  },

  async "ends once, and answers nothing afterwards"(bench) {
    const held = await bench.openHeld();
    const { store, flow } = held;
    const scan = store.scan(flow, sourceOne);
    const last = held.write({ rows: [{ source: sourceOne, key: utf8("last"), version: utf8("v") }] });
    await Promise.all([store.close(), store.close(), last]);
    await store.close();
    assert.equal(await codeOf(store.readRows(flow, [])), "store-closed");
    assert.equal(await codeOf(held.write({})), "store-closed");
    assert.equal(await codeOf(store.acquireLease(flow, { purpose: "test" })), "store-closed");
    assert.equal(await codeOf(store.addDoubt(flow, utf8("d"))), "store-closed");
    assert.equal(await codeOf(store.countRows(flow, sourceOne)), "store-closed");
    assert.equal(await codeOf(store.readTrace(flow, { source: sourceOne, key: utf8("a") })), "store-closed");
    assert.equal(await codeOf(store.readOwners(flow, [])), "store-closed");
    assert.equal(await codeOf(store.readDoubts(flow)), "store-closed");
    for (const listing of [
      store.readFailures(flow, sourceOne),
      store.scanOwners(flow, targetOne, { owedOnly: true }),
    ])
      assert.equal(await codeOf(listing[Symbol.asyncIterator]().next()), "store-closed");
    assert.equal(await codeOf((async () => scan.nextPage())()), "store-closed");
    assert.equal(await codeOf((async () => store.scan(flow, sourceOne))()), "store-closed");
    await held.lease.release();
  },
});
