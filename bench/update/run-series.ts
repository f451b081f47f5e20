import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { diskWrites } from "../disk-writes.ts";
import type { Progress } from "../progress.ts";
import { milliseconds } from "../report.ts";
import type { Counts, Task } from "./counts.ts";
import { measureProcess } from "./measure-process.ts";
import type { PhaseName, PhaseResult, PhaseRound, TextsResult } from "./results.ts";
import { type Entrant, type Phase, phases, type Series } from "./series.ts";
import { TextCensus } from "./text-census.ts";
import { UpdateCorpus } from "./update-corpus.ts";

export interface SeriesSetting {
  /** For files and states; what is in it is removed again. */
  readonly directory: string;
  readonly seed: number;
  readonly batch: number;
  readonly progress: Progress;
}

export interface SeriesResult {
  readonly phases: readonly PhaseResult[];
  readonly texts: readonly TextsResult[];
}

/** Runs a series: in each round all phases, in each phase all entrants in turn. */
export async function runSeries(series: Series, setting: SeriesSetting): Promise<SeriesResult> {
  const run = new SeriesRun(series, setting);
  const rounds = Math.max(...series.entrants.map((entrant) => entrant.rounds));
  for (let round = 0; round < rounds; round++) await run.round(round);
  return run.result;
}

/** How many steps of the progress a series is. */
export function stepsOf({ entrants }: Series): number {
  return Math.max(...entrants.map(({ rounds }) => rounds));
}

interface MutablePhaseResult extends PhaseResult {
  readonly rounds: PhaseRound[];
  failure: string | null;
}

class SeriesRun {
  readonly #series: Series;
  readonly #setting: SeriesSetting;
  readonly #results = new Map<string, MutablePhaseResult>();
  readonly #texts: TextsResult[] = [];
  readonly #failed = new Set<Entrant>();

  constructor(series: Series, setting: SeriesSetting) {
    this.#series = series;
    this.#setting = setting;
  }

  get result(): SeriesResult {
    return { phases: [...this.#results.values()], texts: this.#texts };
  }

  async round(round: number): Promise<void> {
    const { title, files, entrants } = this.#series;
    const { progress, directory, seed } = this.#setting;
    progress.begin(`${title}: ${files.toLocaleString("en-US")} files, round ${round + 1}`);
    const corpus = new UpdateCorpus(join(directory, "corpus"), files, seed);
    const census = round === 0 ? new TextCensus() : null;
    const taking = entrants.filter((entrant) => entrant.rounds > round);
    for (const phase of phases) {
      if (phase.change !== null) corpus.change(phase.change);
      if (census !== null && (phase.name === "initial" || phase.name === "edited"))
        this.#texts.push({ files, phase: phase.name, ...census.take(corpus.directory, corpus.paths) });
      for (const entrant of taking) await this.#phase(entrant, phase, corpus);
    }
    for (const entrant of taking) rmSync(this.#stateOf(entrant), { recursive: true, force: true });
    for (const entrant of taking) await this.#interrupted(entrant, corpus);
    corpus.remove();
  }

  async #phase(entrant: Entrant, phase: Phase, corpus: UpdateCorpus): Promise<void> {
    if (!entrant.phases.includes(phase.name)) return;
    await this.#measure(entrant, phase.name, {
      ...this.#taskFor(entrant, corpus),
      splitter: phase.splitter,
      mode: phase.mode,
    });
  }

  /** Killed half-way of the initial build, and run again. */
  async #interrupted(entrant: Entrant, corpus: UpdateCorpus): Promise<void> {
    const initial = this.#texts.find(({ phase }) => phase === "initial")!;
    const task = this.#taskFor(entrant, corpus);
    for (const [name, stopAfterTexts] of [
      ["interrupted", Math.floor(initial.newTexts / 2)],
      ["resumed", null],
    ] as const) {
      if (entrant.phases.includes(name)) await this.#measure(entrant, name, { ...task, stopAfterTexts });
    }
    rmSync(task.state, { recursive: true, force: true });
  }

  #stateOf({ contender, target }: Entrant): string {
    return join(this.#setting.directory, `${contender.name}-${target}`);
  }

  #taskFor(entrant: Entrant, corpus: UpdateCorpus): Task {
    const state = this.#stateOf(entrant);
    mkdirSync(state, { recursive: true });
    return {
      corpus: corpus.directory,
      state,
      splitter: 1,
      delay: this.#series.delay,
      batch: this.#setting.batch,
      target: entrant.target,
      mode: "update",
      stopAfterTexts: null,
      record: null,
    };
  }

  async #measure(entrant: Entrant, phase: PhaseName, task: Task): Promise<void> {
    if (this.#failed.has(entrant)) return;
    const result = this.#resultFor(entrant, phase);
    // What was written before is not to be written out meanwhile.
    const diskBefore = diskWrites(task.state);
    // Some tell what they saw before from what they see now by whole seconds.
    if (entrant.contender.isRival) await setTimeout(1_100);
    try {
      const { lastLine, signal, use } = await measureProcess(entrant.contender.command(task));
      const counts = signal === null ? (JSON.parse(lastLine) as Counts) : null;
      if ((counts === null) !== (task.stopAfterTexts !== null))
        throw new Error(`${entrant.contender.name} ended with ${signal} while ${phase}`);
      const diskAfter = diskWrites(task.state);
      const writtenBytes = diskBefore === null || diskAfter === null ? null : diskAfter - diskBefore;
      result.rounds.push({ ...use, counts, writtenBytes });
      const took = `${milliseconds(use.cpuMs)} of CPU, ${milliseconds(use.wallMs)}`;
      this.#setting.progress.done(`${entrant.contender.name}, ${phase}: ${took}`);
    } catch (error) {
      // One of ours that fails makes all figures worthless; that others do is a figure.
      if (!entrant.contender.isRival) throw error;
      this.#failed.add(entrant);
      result.failure = (error as Error).message;
    }
  }

  #resultFor({ contender, target }: Entrant, phase: PhaseName): MutablePhaseResult {
    const { files, delay } = this.#series;
    const name = `${contender.name} ${target} ${phase}`;
    const result = this.#results.get(name) ?? {
      files,
      phase,
      contender: contender.name,
      target,
      delay,
      rounds: [],
      failure: null,
    };
    this.#results.set(name, result);
    return result;
  }
}
