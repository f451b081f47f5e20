import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { HeldFlow } from "./store-bench.ts";
import type { StoreChildInput, StoreChildTask } from "./store-child-process.ts";
import { damageCopies } from "./store-damage.ts";
import { modelFlow, operationAt, perform } from "./store-operations.ts";

/** Writes that wait for their acknowledgement at a time. */
const window = 3;

type Open = (options: { readonly directory: string }) => Promise<StateStore>;

const { module, name, task } = JSON.parse(await text(process.stdin)) as StoreChildInput;
const loaded = (await import(module)) as Record<string, Open>;
await run(loaded[name]!, task);

async function run(open: Open, task: StoreChildTask): Promise<void> {
  if (task.kind === "damage") {
    await damageCopies((directory) => open({ directory }), task, say);
    return;
  }
  const store = await open(task);
  if (task.kind === "hold") {
    await store.acquireLease(task.flow as FlowId, { purpose: "hold" });
    say("held");
    setInterval(() => {}, 1 << 30);
    return;
  }
  await work(store, task);
}

async function work(
  store: StateStore,
  { seed, from }: Extract<StoreChildTask, { kind: "work" }>,
): Promise<void> {
  const lease = await store.acquireLease(modelFlow, { purpose: "work" });
  say("held");
  const held = new HeldFlow(store, modelFlow, lease);
  const waiting: Promise<void>[] = [];
  for (let index = from; ; index++) {
    const operation = operationAt(seed, index);
    // One that reads before it writes has no other beside it, for all land in their order.
    const alone = operation.kind === "settle";
    if (alone) await Promise.all(waiting.splice(0));
    waiting.push(perform(held, operation).then(() => say(String(index))));
    if (alone || waiting.length >= window) await waiting.shift();
  }
}

/** At once and in order: a line that was printed is one that the parent gets, whatever happens next. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
