import { statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  type ChangeEvent,
  configure,
  defineFlow,
  defineFunction,
  defineSource,
  defineTarget,
  type LiveUpdater,
} from "../../src/index.ts";
import { type Deferred, deferred } from "../../src/kernel/deferred.ts";
import { answer, givenArgument } from "../child.ts";
import { type MemoryUse, memoryUse } from "../memory-use.ts";

/*
 * A live update of a source that yields changes as fast as they are taken, to see whether memory grows with them.
 */

export interface FloodArgument {
  readonly appDirectory: string;
  /** Rows that are there at any time. */
  readonly rows: number;
}

export interface FloodUse extends MemoryUse {
  /** What the store takes on disk. */
  readonly storeBytes: number;
}

/** A round, and what it took. */
export interface Flooded {
  readonly changes: number;
  readonly seconds: number;
  readonly cpuMs: number;
}

type RowChange = ChangeEvent<{ id: number }, { text: string }>;

/** One row in five goes in every round, for a new one, so that what is kept of rows that are gone shows too. */
const replacedShare = 0.2;
/** What a watcher yields at once. */
const pageRows = 256;

const { appDirectory, rows } = givenArgument<FloodArgument>();
/** The rows that are there: the numbers from the first up to the end. */
let firstRow = 0;
let endRow = rows;
let round = 0;
/** The next round to be yielded, with whom to tell when all of it is durable; null: there are no more. */
let orders = deferred<Deferred<void> | null>();

function rowOf(id: number) {
  return { key: { id }, ordinal: round, value: { text: `row ${id} as it is in round ${round}. `.repeat(8) } };
}

/** The numbers of rows from one on up to the end, in pages. */
function* pagesOf(from: number): Generator<number[]> {
  for (let first = from; first < endRow; first += pageRows)
    yield Array.from({ length: Math.min(pageRows, endRow - first) }, (_, i) => first + i);
}

const flooded = defineSource({
  kind: "flooded",
  spec: z.object({}),
  key: z.object({ id: z.number().int() }),
  value: z.object({ text: z.string() }),
  providesOrdinal: true,
  ordered: true,
  create: () => null,
  *list() {
    for (const ids of pagesOf(firstRow)) yield ids.map((id) => rowOf(id));
  },
  getValue: (_, { id }) => (id >= firstRow && id < endRow ? rowOf(id) : null),
  async *watch(_, { armed, signal }) {
    armed();
    signal.addEventListener("abort", () => orders.resolve(null), { once: true });
    for (;;) {
      const done = await orders.promise;
      if (done === null) return;
      orders = deferred();
      yield* nextRound(done);
    }
  },
  watchHeartbeat: "1h",
});

/** A change of every row; resolves the promise once all of them are acknowledged. */
function* nextRound(done: Deferred<void>): Generator<RowChange[]> {
  round++;
  const replaced = Math.floor(rows * replacedShare);
  const began = firstRow;
  firstRow += replaced;
  endRow += replaced;
  let left = endRow - began;
  const acknowledge = () => {
    if (--left === 0) done.resolve();
  };
  for (const ids of pagesOf(began))
    yield ids.map((id) =>
      id < firstRow ? { key: { id }, deleted: true, acknowledge } : { ...rowOf(id), acknowledge },
    );
}

const loud = defineFunction({
  name: "loud",
  version: 1,
  input: { text: z.string() },
  output: z.string(),
  run: ({ text }) => text.toUpperCase(),
});

const nowhere = defineTarget({
  kind: "nowhere",
  spec: z.object({}),
  key: z.object({ id: z.number() }),
  getPersistentKey: () => "nowhere",
  applySetupChange: () => {},
  mutate: () => {},
});

configure({ appDirectory });
const flow = defineFlow("Flood", (builder) => {
  const out = builder.addCollector<{ id: number; text: string }>();
  builder.addSource("flooded", flooded({})).forEachRow((row) => {
    out.collect({ id: row.id, text: row.text.transform(loud) });
  });
  out.export("Nowhere", nowhere({}), { primaryKeyFields: ["id"] });
});

let updater: LiveUpdater | null = null;

async function start(): Promise<void> {
  await flow.setup();
  await new Promise<void>((resolve, reject) => {
    // A fifth of all rows goes in seconds, as it was meant to.
    updater = flow.liveUpdate({
      allowDeletions: true,
      report: ({ kind }) => {
        if (kind === "caught-up") resolve();
      },
    });
    updater.wait().catch(reject);
  });
}

/** Has all rows change; resolves to how many changes that were, once they are durable. */
async function flood(): Promise<Flooded> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const { changes } = updater!.updateStats().sources.flooded!;
  const done = deferred<void>();
  orders.resolve(done);
  await done.promise;
  const stats = updater!.updateStats();
  if (!stats.info.ok) throw new Error(`a row of the flood failed: ${stats.info.failures[0]?.error.message}`);
  const { user, system } = process.cpuUsage(cpu);
  return {
    changes: stats.sources.flooded!.changes - changes,
    seconds: (performance.now() - began) / 1_000,
    cpuMs: (user + system) / 1_000,
  };
}

async function use(): Promise<FloodUse> {
  const storeBytes = statSync(join(appDirectory, ".sluice", "store.mdb")).size;
  return { ...(await memoryUse()), storeBytes };
}

const answers = { start, flood, use, stop: () => updater!.abort() };
export type FloodAnswers = typeof answers;
answer(answers);
