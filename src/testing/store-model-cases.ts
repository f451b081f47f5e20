import assert from "node:assert/strict";
import { codeOf, HeldFlow, type StoreBench, type StoreCases, utf8 } from "./store-bench.ts";
import { assertSame, dumpStore } from "./store-dump.ts";
import { StoreModel } from "./store-model.ts";
import { modelFlow, modelQuestions, modelRetentionMs, operationAt, perform } from "./store-operations.ts";

const operationsOfRun = 120;

/** Random changes of a store and of its model, after which both must say the same. */
export const storeModelCases: StoreCases = () => ({
  async "does what a plain model does"(bench) {
    for (let run = 0; run < bench.runs; run++) await runModel(bench, bench.seed + run);
  },
});

async function runModel(bench: StoreBench, seed: number): Promise<void> {
  const place = bench.subdirectory(`model-${seed}`);
  const model = new StoreModel();
  const store = await bench.open(place);
  let held = new HeldFlow(store, modelFlow, await store.acquireLease(modelFlow, { purpose: "model" }));
  for (let index = 0; index < operationsOfRun; index++) {
    bench.clock.time += index % 5 === 0 ? modelRetentionMs * 0.7 : 1;
    await step(bench, { held, model, seed, index });
    if (index % 10 !== 9) continue;
    const note = `seed ${seed}, operation ${index}`;
    assertSame(await dumpStore(held.store, modelQuestions), model.dump(modelQuestions), note);
    await held.lease.release();
    const next =
      bench.options.capabilities.durable && index % 20 === 19 ? await reopen(bench, held, place) : held.store;
    const lease = await next.acquireLease(modelFlow, { purpose: "model" });
    assert.ok(lease.number > held.lease.number, note);
    assert.equal(lease.generation, model.generation, note);
    held = new HeldFlow(next, modelFlow, lease);
  }
  await held.store.close();
}

async function reopen(bench: StoreBench, held: HeldFlow, place: string) {
  await held.store.close();
  return bench.open(place);
}

interface Step {
  readonly held: HeldFlow;
  readonly model: StoreModel;
  readonly seed: number;
  readonly index: number;
}

async function step(bench: StoreBench, { held, model, seed, index }: Step): Promise<void> {
  const now = bench.clock.now();
  const operation = operationAt(seed, index);
  if (operation.kind === "write" && index % 13 === 0) {
    const fence = { ...held.fence, generation: held.generation + 1 };
    const refused = { ...operation.write, setup: utf8("refused"), fence };
    assert.equal(await codeOf(held.store.write(refused)), "store-fenced", `seed ${seed}, operation ${index}`);
  }
  const collected = await perform(held, operation);
  assert.equal(collected, model.perform(operation, now), `seed ${seed}, operation ${index}`);
}
