import assert from "node:assert/strict";
import type { FlowId } from "../contracts/state-store.ts";
import { codeOf, type StoreCases, sourceOne, utf8 } from "./store-bench.ts";

const flow = "flow" as FlowId;

/** One holder of a flow at a time. */
export const storeLeaseCases: StoreCases = () => ({
  async "gives a flow to one holder at a time, with growing numbers"(bench) {
    const [one, other] = [await bench.open(), await bench.open()];
    const lease = await one.acquireLease(flow, { purpose: "update" });
    const holder = await other.leaseHolder(flow);
    assert.equal(holder?.purpose, "update");
    assert.equal(holder?.since, bench.clock.now());
    for (const store of [one, other]) {
      assert.equal(await codeOf(store.acquireLease(flow, { purpose: "drop" })), "flow-held");
      assert.equal(await codeOf(store.acquireLease(flow, { purpose: "drop", takeOver: true })), "flow-held");
    }
    const elsewhere = await other.acquireLease("elsewhere" as FlowId, { purpose: "update" });
    assert.equal(elsewhere.number, lease.number);
    await lease.release();
    assert.equal(await one.leaseHolder(flow), null);
    const next = await other.acquireLease(flow, { purpose: "drop" });
    assert.equal(next.number, lease.number + 1);
    await lease.release();
    assert.equal((await one.leaseHolder(flow))?.purpose, "drop");
  },

  async "waits for the holder when asked to"(bench) {
    const [one, other] = [await bench.open(), await bench.open()];
    const lease = await one.acquireLease(flow, { purpose: "update" });
    const waits: string[] = [];
    const next = await other.acquireLease(flow, {
      purpose: "drop",
      wait: true,
      onWait: (holder) => {
        waits.push(holder.purpose);
        setImmediate(() => setImmediate(() => lease.release()));
      },
    });
    assert.ok(next.number > lease.number);
    assert.deepEqual(waits, ["update"]);
  },

  async "stops waiting when told to"(bench) {
    const store = await bench.open();
    await store.acquireLease(flow, { purpose: "update" });
    const stop = new AbortController();
    const reason = new Error("enough");
    const waiting = store.acquireLease(flow, {
      purpose: "drop",
      wait: true,
      signal: stop.signal,
      onWait: () => stop.abort(reason),
    });
    await assert.rejects(waiting, reason);
    const late = store.acquireLease("other" as FlowId, { purpose: "drop", signal: stop.signal });
    await assert.rejects(late, reason);
  },

  async "stops waiting when it is closed"(bench) {
    const [one, other] = [await bench.open(), await bench.open()];
    await one.acquireLease(flow, { purpose: "update" });
    const closing: Promise<void>[] = [];
    const onWait = () => void closing.push(other.close());
    assert.equal(
      await codeOf(other.acquireLease(flow, { purpose: "drop", wait: true, onWait })),
      "store-closed",
    );
    await Promise.all(closing);
  },

  async "gives its leases back when it is closed"(bench) {
    const [one, other] = [await bench.open(), await bench.open()];
    const lease = await one.acquireLease(flow, { purpose: "update" });
    await one.close();
    assert.equal((await other.acquireLease(flow, { purpose: "drop" })).number, lease.number + 1);
  },

  async "refuses the writes of a holder before"(bench) {
    const held = await bench.openHeld();
    await held.lease.release();
    const next = await bench.openHeld();
    const rows = [{ source: sourceOne, key: utf8("a"), version: utf8("v") }];
    assert.equal(await codeOf(held.write({ rows })), "store-fenced");
    await next.write({ rows });
  },

  async "says that a lease holds until it is given back"(bench) {
    const [one, other] = [await bench.open(), await bench.open()];
    const lease = await one.acquireLease(flow, { purpose: "update" });
    assert.equal(lease.holds(), true);
    await lease.release();
    assert.equal(lease.holds(), false);
    const next = await other.acquireLease(flow, { purpose: "drop" });
    assert.deepEqual([lease.holds(), next.holds()], [false, true]);
    await other.close();
    assert.equal(next.holds(), false);
  },

  async "keeps its numbers when the flow is removed"(bench) {
    const held = await bench.openHeld();
    await held.write({ setup: utf8("s") });
    await held.write({ removeFlow: true });
    await held.write({ setup: utf8("s") });
    assert.equal((await held.store.readSetup(flow))?.generation, 3);
    await held.lease.release();
    assert.equal((await bench.openHeld()).lease.number, held.lease.number + 1);
  },

  async "goes on with its numbers when the clock goes back"(bench) {
    const [one, other] = [await bench.open(), await bench.open()];
    const lease = await one.acquireLease(flow, { purpose: "update" });
    await lease.release();
    bench.clock.time -= 60_000;
    assert.equal((await other.acquireLease(flow, { purpose: "update" })).number, lease.number + 1);
  },

  async "gives greater numbers than a store that was lost before"(bench) {
    const lost = await bench.openHeld();
    bench.clock.time += 1;
    const anew = await bench.open(bench.subdirectory("anew"));
    assert.ok((await anew.acquireLease(flow, { purpose: "update" })).number > lost.lease.number);
  },
});
