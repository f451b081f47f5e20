import { expect, test } from "vitest";
import type { FlowId } from "../../contracts/state-store.ts";
import { storeConformance } from "../../testing/store-conformance.ts";
import { MemoryState, openMemoryStore } from "./index.ts";

const states = new Map<string, MemoryState>();

function casesOf(leaseMs?: number) {
  return storeConformance({
    async open(directory, { clock }) {
      const state = states.get(directory) ?? new MemoryState();
      states.set(directory, state);
      return openMemoryStore({ state, ...(clock && { clock }), ...(leaseMs && { leaseMs }) });
    },
    capabilities: { durable: false, multiProcess: false, timedLeases: leaseMs !== undefined },
    ...(leaseMs && { leaseMs, runs: 1 }),
  });
}

for (const { name, run } of casesOf()) test(name, run);
for (const { name, run } of casesOf(60_000)) test(`with leases that end by time, ${name}`, run);

test("a store that was killed leaves its lease to whoever asks", async () => {
  const flow = "flow" as FlowId;
  const one = openMemoryStore();
  const other = openMemoryStore({ state: one.state });
  const lease = await one.acquireLease(flow, { purpose: "update" });
  await expect(other.acquireLease(flow, { purpose: "update" })).rejects.toMatchObject({ code: "flow-held" });
  one.kill();
  expect((await other.acquireLease(flow, { purpose: "update" })).number).toBeGreaterThan(lease.number);
  const fence = { flow, number: lease.number, generation: 0 };
  await expect(one.write({ fence })).rejects.toMatchObject({ code: "store-closed" });
  await expect(other.write({ fence })).rejects.toMatchObject({ code: "store-fenced" });
});
