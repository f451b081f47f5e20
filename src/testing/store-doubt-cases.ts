import assert from "node:assert/strict";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { codeOf, type StoreCases, sourceOne, utf8 } from "./store-bench.ts";

const flow = "flow" as FlowId;

/** What a holder that lost its flow may have done to targets. */
export const storeDoubtCases: StoreCases = ({ capabilities }) => ({
  async "keeps doubts in their order, each with an id of its own"(bench) {
    const store = await bench.open();
    assert.deepEqual(await store.readDoubts(flow), []);
    const texts = Array.from({ length: 12 }, (_, i) => `doubt ${i % 5}`);
    await Promise.all(texts.slice(0, 6).map((text) => store.addDoubt(flow, utf8(text))));
    for (const text of texts.slice(6)) await store.addDoubt(flow, utf8(text));
    assert.deepEqual(await textsOf(store), texts);
    const ids = await idsOf(store);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
  },

  async "removes the doubts that are named, and gives their ids to no other"(bench) {
    const held = await bench.openHeld();
    for (const text of ["a", "b", "c"]) await held.store.addDoubt(flow, utf8(text));
    const [a, b, c] = await idsOf(held.store);
    await held.write({ removeDoubts: [b!, c!, c! + 1000] });
    assert.deepEqual(await textsOf(held.store), ["a"]);
    await held.store.addDoubt(flow, utf8("d"));
    const after = await idsOf(held.store);
    assert.equal(after[0], a);
    assert.ok(after[1]! > c!, `id ${after[1]} was given again`);
    await held.write({ removeDoubts: after });
    assert.deepEqual(await held.store.readDoubts(flow), []);
  },

  async "keeps the doubts of a store that has lost its lease"(bench) {
    const lost = await bench.openHeld();
    await lost.lease.release();
    const next = await bench.openHeld();
    assert.equal(await codeOf(lost.write({})), "store-fenced");
    await lost.store.addDoubt(flow, utf8("late"));
    assert.deepEqual(await textsOf(next.store), ["late"]);
    await next.write({ rows: [{ source: sourceOne, key: utf8("a"), version: utf8("v") }] });
    assert.equal(next.lease.holds(), true);
    assert.equal((await lost.store.leaseHolder(flow))?.purpose, "test");
    for (const held of [lost, next]) await held.store.close();
    if (!capabilities.durable) return;
    assert.deepEqual(await textsOf(await bench.open()), ["late"]);
  },

  async "keeps doubts of a flow that nobody knew, apart from those of others"(bench) {
    const store = await bench.open();
    await store.addDoubt(flow, utf8("of flow"));
    await store.addDoubt("other" as FlowId, utf8("of other"));
    assert.deepEqual(await textsOf(store), ["of flow"]);
    assert.deepEqual(await store.flows(), []);
    assert.equal(await store.leaseHolder(flow), null);
    const lease = await store.acquireLease(flow, { purpose: "test" });
    assert.equal(lease.generation, 0);
  },

  async "removes a flow with its doubts, and copies them in and out"(bench) {
    const held = await bench.openHeld();
    const other = "other" as FlowId;
    const doubt = utf8("doubt");
    for (const of of [flow, other]) await held.store.addDoubt(of, doubt);
    doubt.fill(0);
    (await held.store.readDoubts(flow))[0]!.doubt.fill(1);
    assert.deepEqual(await textsOf(held.store), ["doubt"]);
    await held.write({ removeFlow: true });
    assert.deepEqual(await textsOf(held.store), []);
    assert.deepEqual(await textsOf(held.store, other), ["doubt"]);
    await held.store.addDoubt(flow, utf8("next"));
    assert.deepEqual(await textsOf(held.store), ["next"]);
  },
});

async function textsOf(store: StateStore, of = flow): Promise<string[]> {
  return (await store.readDoubts(of)).map(({ doubt }) => new TextDecoder().decode(doubt));
}

async function idsOf(store: StateStore): Promise<number[]> {
  return (await store.readDoubts(flow)).map(({ id }) => id);
}
