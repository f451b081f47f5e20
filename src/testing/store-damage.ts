import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { isSluiceError } from "../errors/index.ts";
import { seededRandom } from "../kernel/random.ts";
import { utf8 } from "./store-bench.ts";
import type { StoreChildTask } from "./store-child-process.ts";
import { assertSame, dumpStore, type StoreDump } from "./store-dump.ts";
import { modelQuestions } from "./store-operations.ts";

type DamageTask = Extract<StoreChildTask, { kind: "damage" }>;

/** Lengths at which files are cut off as often as at any other. */
const tellingLengths = [0, 1, 100, 168, 4095, 4096, 4097, 8191, 8192, 8193, 12_288];

/**
 * Damages copies of a store, one after the other, and prints for each what became of it: `right`, `refused`
 * (it said so, when opened or read) or `wrong`, and why. A crash shows in that the lines end.
 */
export async function damageCopies(
  open: (directory: string) => Promise<StateStore>,
  task: DamageTask,
  say: (line: string) => void,
): Promise<void> {
  const expected = JSON.parse(task.expected) as StoreDump;
  const size = statSync(join(task.directory, task.dataFile)).size;
  for (let index = 0; index < task.count; index++) {
    const directory = join(task.scratch, String(index));
    cpSync(task.directory, directory, { recursive: true });
    const what = damage(join(directory, task.dataFile), { ...task, size, index });
    say(`try ${what}`);
    say(`${await outcomeOf(() => open(directory), expected)} ${what}`);
    rmSync(directory, { recursive: true, force: true });
  }
}

function damage(
  file: string,
  { seed, index, way, size }: DamageTask & { size: number; index: number },
): string {
  const random = seededRandom(seed * 7919 + index);
  for (let warm = 0; warm < 3; warm++) random.next();
  if (way === "truncate") {
    const length =
      tellingLengths[index] ??
      (index % 3 === 0 ? size - (index - 10) * 4096 : Math.floor(random.next() * size));
    const kept = Math.max(0, Math.min(size - 1, length));
    truncateSync(file, kept);
    return `cut off at ${kept} of ${size}`;
  }
  const bytes = readFileSync(file);
  const many = index % 10 === 9 ? 64 : 1;
  // The first pages, which everything hangs on, as often as all others together.
  const at = Math.floor(random.next() * (index % 2 === 0 ? size : Math.min(size, 16_384)));
  const mask = index % 3 === 0 ? 0xff : 1 << Math.floor(random.next() * 8);
  for (let i = at; i < Math.min(size, at + many); i++) bytes[i]! ^= mask;
  writeFileSync(file, bytes);
  return `${many} bytes at ${at} of ${size} changed by ${mask}`;
}

async function outcomeOf(open: () => Promise<StateStore>, expected: StoreDump): Promise<string> {
  let store: StateStore | undefined;
  try {
    store = await open();
    assertSame(await dumpStore(store, modelQuestions), expected, "read");
    await writeOn(store);
    assertSame(await dumpStore(store, modelQuestions), expected, "read after writes");
    return "right";
  } catch (error) {
    if (isSluiceError(error) && error.code === "store-damaged") return "refused";
    return `wrong (${error instanceof Error ? `${error.name}: ${error.message}` : String(error)})`.replaceAll(
      "\n",
      " ",
    );
  } finally {
    await store?.close();
  }
}

/** Uses free pages, so that a list of free pages that is wrong does its harm. */
async function writeOn(store: StateStore): Promise<void> {
  const flow = "another flow" as FlowId;
  const lease = await store.acquireLease(flow, { purpose: "test" });
  const fence = { flow, number: lease.number, generation: lease.generation };
  for (let i = 0; i < 5; i++) {
    const rows = Array.from({ length: 40 }, (_, n) => ({
      source: modelQuestions.sources[0]!,
      key: utf8(`${n}`),
      version: utf8("v".repeat(100 * i)),
      outputs: utf8("o".repeat(1000)),
    }));
    const target = modelQuestions.targets[0]!;
    const owners = rows.map(({ key, version }) => ({ target, key, record: version, owed: i % 2 === 0 }));
    await store.write({ fence, rows, owners });
    await store.addDoubt(flow, utf8("d"));
  }
  await lease.release();
}
