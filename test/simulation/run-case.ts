import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateStore } from "../../src/contracts/state-store.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import type { Case, Step } from "./case.ts";
import type { FlowShape } from "./flow-shape.ts";
import { checkRebuild } from "./oracle/check-rebuild.ts";
import { checkStore } from "./oracle/check-store.ts";
import { type Judged, Oracle } from "./oracle/oracle.ts";
import { type Problem, problem } from "./oracle/problem.ts";
import { Backends } from "./world/backends.ts";
import { type Books, edited, emptyBooks } from "./world/books.ts";
import { type Outcome, Process, type World } from "./world/process.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

/** What went wrong in a history, and in which step. */
export interface Failure extends Problem {
  /** From 0. */
  readonly step: number;
}

/** Where a history is between two steps. */
export interface HistoryState {
  readonly shape: FlowShape;
  readonly books: Books;
  /** The data as the next step will have it. */
  readonly ahead: Books;
}

/** What tests of the simulator do to a history. */
export interface RunOptions {
  /** A world that does not do as it should: what the simulator must find out. */
  readonly sabotage?: {
    store?(store: StateStore): StateStore;
    backends?(): Backends;
  };
  /** Told how each step went. */
  observe?(outcome: Outcome, oracle: Oracle): void;
}

/** Goes through a history in this process; null when all of it is as it should be. */
export async function runCase(simulated: Case, options: RunOptions = {}): Promise<Failure | null> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const { world, memory, dispose } = openWorld(simulated, options);
  const { observe } = options;
  const oracle = new Oracle(simulated, world.backends);
  try {
    let state = beginning(simulated);
    for (const [i, step] of simulated.steps.entries()) {
      state = enterStep(state, simulated.steps, i);
      world.clock.shift(step.clockMs ?? 0);
      const found = await runStep({ world, oracle, memory, state, step, observe });
      if (found) return { ...found, step: i };
      if (unhandled.length > 0) return { ...problem("unhandled", String(unhandled[0])), step: i };
    }
    return null;
  } finally {
    process.off("unhandledRejection", note);
    dispose();
  }
}

/** Before the first step. */
export function beginning(simulated: Case): HistoryState {
  const books = emptyBooks(simulated);
  return { shape: simulated.flow, books, ahead: edited(books, simulated.steps[0]?.edits) };
}

/** The flow and the data as a step finds them. */
export function enterStep(
  { shape, ahead }: HistoryState,
  steps: readonly Step[],
  index: number,
): HistoryState {
  const next = steps[index + 1]?.edits;
  return { shape: steps[index]!.flow ?? shape, books: ahead, ahead: next ? edited(ahead, next) : ahead };
}

export interface StepToRun {
  readonly world: World;
  readonly oracle: Oracle;
  readonly memory: MemoryState | null;
  readonly state: HistoryState;
  readonly step: Step;
  readonly observe?: RunOptions["observe"] | undefined;
}

/** One process: what the step asks for; where that is clean, also all that a clean world must stand. */
export async function runStep(toRun: StepToRun): Promise<Problem | null> {
  const { world, oracle, state, step } = toRun;
  const running = await Process.start({ world, ...state });
  try {
    const found = await runProcess(running, toRun);
    if (found) return found;
  } finally {
    await running.close();
  }
  const isClean = oracle.lastEnd.kind === "clean" && (step.run?.verb ?? "update") === "update";
  return isClean && world.simulated.rebuild ? checkRebuild(world, oracle.model!, state.books) : null;
}

async function runProcess(
  running: Process,
  { world, oracle, memory, state, step, observe }: StepToRun,
): Promise<Problem | null> {
  const run = step.run ?? { verb: "update" };
  const judged: Judged = { run, ...state, outcome: await running.run(run, step.faults) };
  const found = oracle.judge(judged);
  observe?.(judged.outcome, oracle);
  if (found || !oracle.isClean(judged)) return found;
  const { simulated } = world;
  const didWork = hasWorked(judged.outcome);
  const checked = { simulated, memory, store: running.store, model: oracle.model, didWork };
  const orphan = await checkStore(checked);
  if (orphan || run.verb === "drop") return orphan;
  return oracle.judgeFurther({ ...judged, outcome: await running.run({ verb: "update" }) });
}

function hasWorked({ info }: Outcome): boolean {
  return Object.values(info?.sources ?? {}).some(
    ({ inserted, updated, deleted, reprocessed }) => inserted + updated + deleted + reprocessed > 0,
  );
}

interface OpenedWorld {
  readonly world: World;
  readonly memory: MemoryState | null;
  dispose(): void;
}

function openWorld(simulated: Case, { sabotage = {} }: RunOptions): OpenedWorld {
  const clock = new VirtualClock();
  const backends = sabotage.backends?.() ?? new Backends();
  const sabotaged = (store: StateStore) => sabotage.store?.(store) ?? store;
  if (simulated.store === "memory") {
    const state = new MemoryState();
    const openStore = async () => {
      const store = openMemoryStore({ state, clock, pageRows: 3 });
      return { store: sabotaged(store), end: () => store.kill(), close: () => store.close() };
    };
    return { world: { simulated, clock, backends, openStore }, memory: state, dispose: () => {} };
  }
  const directory = mkdtempSync(join(tmpdir(), "sluice-simulation-"));
  const openStore = async () => {
    const store = await openLmdbStore({ directory, clock });
    return { store: sabotaged(store), end: () => {}, close: () => store.close() };
  };
  const dispose = () => rmSync(directory, { recursive: true });
  return { world: { simulated, clock, backends, openStore }, memory: null, dispose };
}
