import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { StateStore } from "../../src/contracts/state-store.ts";
import { configure, defineFlow, defineFunction, type Flow } from "../../src/index.ts";
import { type Random, seededRandom } from "../../src/kernel/random.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { interceptWrites } from "../worlds/intercept-writes.ts";
import { Library, Notebook } from "../worlds/notebook.ts";

/*
 * Random histories: edits, faults of the function and of the target, a store that dies in the middle of a
 * write, before or after it took effect, and changes of code. After each clean update the target must be what
 * a rebuild from nothing is, and a further update must do nothing. SEED= and RUNS= choose others.
 */

const runs = Number(process.env.RUNS ?? 60);
const firstSeed = Number(process.env.SEED ?? 1);

afterEach(() => {
  configure({ store: undefined, clock: undefined });
});

interface OpenedStore {
  readonly store: StateStore;
  /** Ends it as the end of a process does. */
  end(): Promise<void>;
}

interface World {
  readonly random: Random;
  readonly notebook: Notebook;
  readonly library: Library;
  /** Opens the store, as a process that starts does. */
  open(): Promise<OpenedStore>;
  version: number;
  withWords: boolean;
  sourceName: string;
  cached: boolean;
  ordered: boolean;
  computed: number;
  functionFails: boolean;
}

function chance(world: World, share: number): boolean {
  return world.random.next() < share;
}

function pick<T>(world: World, all: readonly T[]): T {
  return all[Math.floor(world.random.next() * all.length)]!;
}

function defineWords(world: World, library: Library, name = "Words"): Flow {
  const { version, cached, ordered } = world;
  const shape = defineFunction({
    name: "shape",
    version,
    cache: cached,
    input: { text: z.string() },
    output: z.string(),
    async run({ text }) {
      world.computed++;
      if (world.functionFails && chance(world, 0.2)) throw new Error("no mood");
      return `${text}/${version}`;
    },
  });
  const split = defineFunction({
    name: "split",
    version: 1,
    input: { text: z.string() },
    output: z.array(z.object({ word: z.string() })),
    run: ({ text }) => [...new Set(text.split(" "))].map((word) => ({ word })),
  });
  // The kind that was defined last is the one that drops what left the flow.
  library.define("libraryB");
  return defineFlow(name, (builder) => {
    const whole = builder.addCollector<{ id: string; shape: string }>();
    const words = builder.addCollector<{ id: string; shape: string }>();
    builder.addSource(world.sourceName, world.notebook.source({ ordered })({})).forEachRow((page) => {
      whole.collect({ id: page.id, shape: page.text.transform(shape) });
      page.text.transform(split).forEachRow((part) => {
        words.collect({
          id: part.word.transform(joined, { page: page.id }),
          shape: part.word.transform(shape),
        });
      });
    });
    whole.export("Whole", library.target("libraryA")({ shelf: "whole" }), { primaryKeyFields: ["id"] });
    if (!world.withWords) return;
    words.export("Words", library.target("libraryB")({ shelf: "words" }), { primaryKeyFields: ["id"] });
  });
}

const joined = defineFunction({
  name: "joined",
  version: 1,
  input: { page: z.string(), word: z.string() },
  output: z.string(),
  run: ({ page, word }) => `${page}:${word}`,
});

const ids = ["a", "b", "c", "d", "e", "f", "g"];
const vocabulary = ["ant", "bee", "cat", "dog"];

function edit(world: World): void {
  const id = pick(world, ids);
  const kind = world.random.next();
  if (kind < 0.25) world.notebook.remove(id);
  else if (kind < 0.35) world.notebook.write(id, world.notebook.pages.get(id)?.text ?? "ant");
  else if (kind < 0.45 && world.notebook.pages.has(id)) {
    const { text } = world.notebook.pages.get(id)!;
    world.notebook.remove(id);
    world.notebook.write(pick(world, ids), text);
  } else world.notebook.write(id, [0, 1, 2].map(() => pick(world, vocabulary)).join(" "));
  if (chance(world, 0.1)) world.version = 1 + Math.floor(world.random.next() * 3);
  if (chance(world, 0.05)) world.withWords = !world.withWords;
  if (chance(world, 0.05)) world.sourceName = pick(world, ["pages", "leaves"]);
}

/** A store that dies at the n-th write, before or after the write took effect. */
function mortal(world: World, { store, end }: OpenedStore): StateStore {
  let left = chance(world, 0.5) ? Math.floor(world.random.next() * 8) : Number.POSITIVE_INFINITY;
  const afterwards = chance(world, 0.5);
  return interceptWrites(store, async (write) => {
    if (left-- > 0) return store.write(write);
    if (afterwards) await store.write(write);
    await end();
    throw new Error("the process ended");
  });
}

async function runFaulty(world: World): Promise<void> {
  const { library } = world;
  const failing = () => {
    if (chance(world, 0.25)) throw new Error(pick(world, ["busy", "odd row", "no space"]));
  };
  library.before = chance(world, 0.4) ? failing : () => {};
  library.after = chance(world, 0.4) ? failing : () => {};
  world.functionFails = chance(world, 0.4);
  const opened = await world.open();
  configure({ store: mortal(world, opened) });
  const flow = defineWords(world, library);
  try {
    await flow.setup();
    await flow.update({ allowDeletions: chance(world, 0.5) });
  } catch {
    // Whatever it was, the next clean update must mend it.
  } finally {
    flow.close();
    await opened.end();
    library.before = library.after = () => {};
    world.functionFails = false;
  }
}

async function expectClean(world: World): Promise<void> {
  const { library } = world;
  const opened = await world.open();
  configure({ store: opened.store });
  const flow = defineWords(world, library);
  try {
    await flow.setup();
    expect((await flow.update({ allowDeletions: true })).ok).toBe(true);
    library.forgetCounts();
    world.notebook.reads = 0;
    world.computed = 0;
    await flow.update();
    expect([library.calls, world.notebook.reads, world.computed]).toEqual([0, 0, 0]);
  } finally {
    flow.close();
    await opened.end();
  }
  const rebuilt = new Library();
  configure({ store: openMemoryStore() });
  const fresh = defineWords(world, rebuilt);
  await fresh.setup();
  await fresh.update();
  fresh.close();
  for (const shelf of ["whole", "words"]) expect(library.rows(shelf)).toEqual(rebuilt.rows(shelf));
}

async function runHistory(seed: number, open: World["open"]): Promise<void> {
  const random = seededRandom(seed);
  configure({ clock: hastyClock });
  const world: World = {
    random,
    notebook: new Notebook(),
    library: new Library(),
    open,
    version: 1,
    withWords: true,
    sourceName: "pages",
    cached: random.next() < 0.5,
    ordered: random.next() < 0.5,
    computed: 0,
    functionFails: false,
  };
  for (let round = 0; round < 6; round++) {
    for (let edits = Math.floor(random.next() * 5); edits >= 0; edits--) edit(world);
    if (chance(world, 0.7)) await runFaulty(world);
    else await expectClean(world);
  }
  await expectClean(world);
}

const seedsOf = (count: number) => Array.from({ length: count }, (_, i) => firstSeed + i);

test.each(seedsOf(runs))("in memory, the history of seed %i ends as a rebuild would", async (seed) => {
  const state = new MemoryState();
  await runHistory(seed, async () => {
    const store = openMemoryStore({ state });
    return { store, end: async () => store.kill() };
  });
});

test.each(seedsOf(Math.ceil(runs / 6)))(
  "on disk, the history of seed %i ends as a rebuild would",
  async (seed) => {
    const directory = mkdtempSync(join(tmpdir(), "sluice-histories-"));
    try {
      await runHistory(seed, async () => {
        const store = await openLmdbStore({ directory });
        return { store, end: () => store.close() };
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
