import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { StateStore } from "../../src/contracts/state-store.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import type { Evolution } from "../worlds/evolution.ts";
import { copyOfState, leftInStore } from "../worlds/left-in-store.ts";
import { watchedStore } from "../worlds/watched-store.ts";

/** A store as a process has it. */
interface OpenedStore {
  readonly store: StateStore;
  /** Ends it as the end of the process does. */
  end(): Promise<void>;
}

/** Where a store is when nobody has it open. */
export interface StoreHome {
  open(): Promise<OpenedStore>;
  copy(): StoreHome;
  /** What is kept there and needed by nobody, where that can be told. */
  left(): string[];
}

export function memoryHome(state = new MemoryState()): StoreHome {
  return {
    async open() {
      const store = openMemoryStore({ state });
      return { store, end: async () => store.kill() };
    },
    copy: () => memoryHome(copyOfState(state, new MemoryState())),
    left: () => leftInStore(state),
  };
}

export function lmdbHome(): StoreHome {
  const directory = mkdtempSync(join(tmpdir(), "sluice-interrupted-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return lmdbHomeAt(directory);
}

function lmdbHomeAt(directory: string): StoreHome {
  let copies = 0;
  return {
    async open() {
      const store = await openLmdbStore({ directory: join(directory, "store") });
      return { store, end: () => store.close() };
    },
    copy() {
      const copy = join(directory, `copy-${++copies}`);
      cpSync(join(directory, "store"), join(copy, "store"), { recursive: true });
      return lmdbHomeAt(copy);
    },
    left: () => [],
  };
}

/** When and how things go wrong. */
export class Fate {
  struck = false;
  #reached = 0;
  readonly #fatal: number;
  readonly #only: ReadonlySet<string> | null;

  /** Ends the process at the n-th moment: nothing has an effect after that. With `only`, one such call fails. */
  constructor(fatal: number, only: readonly string[] | null = null) {
    this.#fatal = fatal;
    this.#only = only && new Set(only);
  }

  readonly at = (moment: string): void => {
    if (this.#only && !this.#only.has(moment)) return;
    this.#reached++;
    if (this.#only ? this.#reached !== this.#fatal : this.#reached < this.#fatal) return;
    this.struck = true;
    throw new Error(`power cut at ${moment}`);
  };
}

export interface Interruptions {
  readonly world: Evolution;
  /** The store as it is before. The database of the world is as it is before, too. */
  readonly home: StoreHome;
  fateAt(moment: number): Fate;
  /** What is interrupted. */
  act(): Promise<unknown>;
  /** What the next process does. */
  goOn(): Promise<unknown>;
  /** What the database must hold then. */
  readonly wanted: unknown;
}

/** Interrupts at every moment, one after the other; resolves to how many there were. */
export async function interruptEverywhere(given: Interruptions): Promise<number> {
  const { world, home } = given;
  const before = structuredClone(world.database.tables);
  for (let moment = 1; ; moment++) {
    world.database.reset(structuredClone(before));
    const attempt = home.copy();
    const fate = given.fateAt(moment);
    await interrupt(given, attempt, fate);
    const { store, end } = await attempt.open();
    world.use(store);
    await given.goOn();
    await end();
    expect(world.database.contents(), `stopped at moment ${moment}`).toEqual(given.wanted);
    expect(attempt.left()).toEqual([]);
    if (!fate.struck) return moment - 1;
  }
}

async function interrupt({ world, act }: Interruptions, home: StoreHome, fate: Fate): Promise<void> {
  const { store, end } = await home.open();
  world.use(watchedStore(store, fate.at));
  world.database.at = fate.at;
  try {
    await act();
  } catch (thrown) {
    expect(String(thrown)).toMatch(/power cut/);
  }
  await end();
  world.database.at = () => {};
}
