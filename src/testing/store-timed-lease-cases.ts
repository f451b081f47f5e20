import assert from "node:assert/strict";
import type { FlowId, StoreWrite } from "../contracts/state-store.ts";
import type { Fingerprint } from "../values/fingerprint.ts";
import {
  codeOf,
  HeldFlow,
  type StoreBench,
  type StoreCases,
  sourceOne,
  targetOne,
  targetTwo,
  utf8,
} from "./store-bench.ts";
import { dumpStore } from "./store-dump.ts";

const flow = "flow" as FlowId;
const row = { source: sourceOne, key: utf8("a") };
const owner = { target: targetOne, key: utf8("a") };
const fingerprint = "1".repeat(32) as Fingerprint;

/** Leases that pass on when their holder lets its time run out. For stores that declare them. */
export const storeTimedLeaseCases: StoreCases = ({ leaseMs = 0 }) => ({
  async "leaves a flow to a holder that writes in time"(bench) {
    const held = await bench.openHeld();
    const other = await bench.open();
    for (let i = 0; i < 5; i++) {
      bench.clock.time += leaseMs - 1;
      assert.equal(held.lease.holds(), true);
      assert.equal(await codeOf(other.acquireLease(flow, { purpose: "drop" })), "flow-held");
      await held.write({ rows: [{ ...row, version: utf8(`v${i}`) }] });
    }
    assert.equal((await other.leaseHolder(flow))?.purpose, "test");
  },

  async "passes a flow whose holder let its time run out to whoever asks"(bench) {
    const lost = await bench.openHeld();
    await lost.write({});
    bench.clock.time += leaseMs;
    assert.equal(lost.lease.holds(), false);
    const next = await bench.openHeld();
    assert.ok(next.lease.number > lost.lease.number);
    assert.deepEqual([lost.lease.holds(), next.lease.holds()], [false, true]);
    await lost.lease.release();
    assert.equal(next.lease.holds(), true);
    assert.equal(await codeOf(lost.store.acquireLease(flow, { purpose: "drop" })), "flow-held");
    bench.clock.time += leaseMs;
    assert.ok((await lost.store.acquireLease(flow, { purpose: "drop" })).number > next.lease.number);
  },

  "refuses every part of a write of a holder that was replaced, but not its doubts": refuseLost,

  async "lets a holder go on whose time ran out and whom nobody replaced"(bench) {
    const held = await bench.openHeld();
    const other = await bench.open();
    bench.clock.time += leaseMs * 3;
    assert.equal(held.lease.holds(), false);
    await held.write({ rows: [{ ...row, version: utf8("late") }], setup: utf8("s") });
    assert.equal(held.lease.holds(), true);
    assert.equal(await codeOf(other.acquireLease(flow, { purpose: "drop" })), "flow-held");
    bench.clock.time += leaseMs - 1;
    await held.write({ setup: utf8("s") });
    assert.equal(held.lease.holds(), true);
  },

  async "is not prolonged by a write that is refused, nor by a doubt"(bench) {
    const held = await bench.openHeld();
    bench.clock.time += leaseMs - 1;
    const fence = { ...held.fence, generation: 7 };
    assert.equal(await codeOf(held.store.write({ fence })), "store-fenced");
    await held.store.addDoubt(flow, utf8("d"));
    bench.clock.time += 1;
    assert.equal(held.lease.holds(), false);
    assert.equal((await (await bench.open()).acquireLease(flow, { purpose: "drop" })).holds(), true);
  },

  async "gives a flow to one that waits when the holder's time runs out"(bench) {
    const lost = await bench.openHeld();
    const other = await bench.open();
    const since = bench.clock.now();
    const waits: string[] = [];
    const onWait = ({ purpose }: { readonly purpose: string }) => void waits.push(purpose);
    const next = await other.acquireLease(flow, { purpose: "drop", wait: true, onWait });
    assert.deepEqual(waits, ["test"]);
    assert.ok(next.number > lost.lease.number);
    assert.ok(bench.clock.now() >= since + leaseMs, "it did not wait for the holder's time to run out");
    assert.deepEqual([lost.lease.holds(), next.holds()], [false, true]);
    assert.equal(await codeOf(lost.write({})), "store-fenced");
  },

  async "leaves the number of a lease that was given back to nobody"(bench) {
    const held = await bench.openHeld();
    await held.lease.release();
    assert.equal(held.lease.holds(), false);
    assert.equal(await codeOf(held.write({})), "store-fenced");
    assert.equal(await held.store.leaseHolder(flow), null);
  },
});

async function refuseLost(bench: StoreBench): Promise<void> {
  const lost = await bench.openHeld();
  await lost.write({
    setup: utf8("s"),
    rows: [{ ...row, version: utf8("v"), trace: utf8("t") }],
    owners: [{ ...owner, record: utf8("r"), owed: true }],
    memos: [{ fingerprint, result: utf8("m") }],
  });
  await lost.store.addDoubt(flow, utf8("first"));
  bench.clock.time += bench.options.leaseMs!;
  const other = await bench.open();
  const lease = await other.acquireLease(flow, { purpose: "drop" });
  const [doubt] = await other.readDoubts(flow);
  const parts: readonly Omit<StoreWrite, "fence">[] = [
    {},
    { rows: [{ ...row, version: null }] },
    { rows: [{ ...row, trace: utf8("no") }] },
    { owners: [{ ...owner, record: null, owed: false }] },
    { owners: [{ ...owner, target: targetTwo, record: utf8("no"), owed: true }] },
    { memos: [{ fingerprint, result: utf8("no") }] },
    { removeSources: [sourceOne] },
    { removeTargets: [targetOne] },
    { removeDoubts: [doubt!.id] },
    { removeFlow: true },
    { setup: utf8("no") },
  ];
  const before = await dump();
  for (const write of parts) {
    const refused = lost.store.write({ ...write, fence: lost.fence });
    assert.equal(await codeOf(refused), "store-fenced", Object.keys(write).join());
  }
  assert.deepEqual(await dump(), before);
  await lost.store.addDoubt(flow, utf8("late"));
  assert.equal((await other.readDoubts(flow)).length, 2);
  await new HeldFlow(other, flow, lease).write({ removeDoubts: [doubt!.id] });

  function dump() {
    const targets = [targetOne, targetTwo];
    const owners = targets.map((target) => ({ ...owner, target }));
    return dumpStore(other, {
      flow,
      sources: [sourceOne],
      rows: [row],
      targets,
      owners,
      memos: [fingerprint],
    });
  }
}
