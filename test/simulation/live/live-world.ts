import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateStore } from "../../../src/contracts/state-store.ts";
import { openLmdbStore } from "../../../src/stores/lmdb/index.ts";
import { MemoryState, openMemoryStore } from "../../../src/stores/memory/index.ts";
import type { Case } from "../case.ts";
import type { Problem } from "../oracle/problem.ts";
import { Backends } from "../world/backends.ts";
import type { OpenedStore } from "../world/process.ts";
import { VirtualClock } from "../world/virtual-clock.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { LiveBooks } from "./live-books.ts";
import { LiveFeed, type Watch } from "./live-feed.ts";
import type { LiveRound } from "./live-round.ts";
import { RoundLog } from "./round-log.ts";
import { Skies } from "./weather.ts";

/** A world that does not do as it should: what the soak must find out. */
export interface LiveSabotage {
  watch?(watch: Watch): Watch;
  store?(store: StateStore): StateStore;
  backends?(): Backends;
}

/** What outlives the processes of a round. */
export interface LiveWorld {
  readonly round: LiveRound;
  readonly simulated: Case;
  readonly clock: VirtualClock;
  readonly backends: Backends;
  readonly books: LiveBooks;
  readonly skies: Skies;
  readonly acknowledgements: Acknowledgements;
  readonly feed: LiveFeed;
  readonly log: RoundLog;
  /** What was found while something else went on. */
  readonly found: Problem[];
  readonly memory: MemoryState | null;
  openStore(): Promise<OpenedStore>;
  dispose(): void;
}

export function openLiveWorld(round: LiveRound, sabotage: LiveSabotage = {}): LiveWorld {
  const { simulated } = round;
  const clock = new VirtualClock();
  const books = new LiveBooks(Object.keys(simulated.books));
  const found: Problem[] = [];
  const log = new RoundLog(clock);
  const acknowledgements = new Acknowledgements({
    simulated,
    books,
    found: (one) => found.push(one),
    log: (line) => log.note(line),
  });
  const feed = new LiveFeed({
    simulated,
    clock,
    books,
    acknowledgements,
    log: (line) => log.note(line),
    sabotage: sabotage.watch,
  });
  return {
    round,
    simulated,
    clock,
    backends: sabotage.backends?.() ?? new Backends(),
    books,
    skies: new Skies(() => clock.monotonic()),
    acknowledgements,
    feed,
    log,
    found,
    ...(simulated.store === "memory" ? inMemory(clock, sabotage) : onDisk(clock, sabotage)),
  };
}

type Stores = Pick<LiveWorld, "memory" | "openStore" | "dispose">;

function inMemory(clock: VirtualClock, { store: sabotaged = (store) => store }: LiveSabotage): Stores {
  const state = new MemoryState();
  const openStore = async () => {
    const store = openMemoryStore({ state, clock, pageRows: 3 });
    return { store: sabotaged(store), end: () => store.kill(), close: () => store.close() };
  };
  return { memory: state, openStore, dispose: () => {} };
}

function onDisk(clock: VirtualClock, { store: sabotaged = (store) => store }: LiveSabotage): Stores {
  const directory = mkdtempSync(join(tmpdir(), "sluice-soak-"));
  const openStore = async () => {
    const store = await clock.during(openLmdbStore({ directory, clock }));
    return {
      store: sabotaged(heldBy(clock, store)),
      end: () => {},
      close: () => clock.during(store.close()),
    };
  };
  return { memory: null, openStore, dispose: () => rmSync(directory, { recursive: true }) };
}

/** The simulated clock stands still while the disk works. */
function heldBy(clock: VirtualClock, store: StateStore): StateStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const result: unknown = member.apply(target, args);
        return result instanceof Promise ? clock.during(result) : result;
      };
    },
  });
}
