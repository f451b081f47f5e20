import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compareRows } from "./compare-rows.ts";
import type { Contender } from "./contenders.ts";
import type { Operation, Task } from "./counts.ts";
import { measureProcess } from "./measure-process.ts";
import type { RightnessResult } from "./results.ts";
import type { SeriesSetting } from "./run-series.ts";
import { phases } from "./series.ts";
import { TextCensus } from "./text-census.ts";
import { UpdateCorpus } from "./update-corpus.ts";

/** A round that is not timed, in which targets note what they are told: is the end what a rebuild would give? */
export async function checkRightness(
  contenders: readonly Contender[],
  files: number,
  { directory, seed, batch, progress }: SeriesSetting,
): Promise<RightnessResult[]> {
  progress.begin(`whether rows are right: ${files.toLocaleString("en-US")} files`);
  const corpus = new UpdateCorpus(join(directory, "corpus"), files, seed);
  const texts = new TextCensus().take(corpus.directory, corpus.paths).newTexts;
  const checks = contenders.map((contender) => new Check(contender, { directory, corpus, batch }));
  for (const { name, change, splitter, mode } of phases) {
    if (change !== null) corpus.change(change);
    for (const check of checks)
      if (check.contender.phases.includes(name)) await check.run("phases", { splitter, mode });
  }
  const results: RightnessResult[] = [];
  for (const check of checks) {
    await check.run("rebuilt", {});
    await check.run("resumed", { stopAfterTexts: Math.floor(texts / 2) });
    await check.run("resumed", {});
    results.push(check.result("phases", files), check.result("resumed", files));
    check.remove();
  }
  corpus.remove();
  return results.filter(({ rows, missing }) => rows + missing > 0);
}

class Check {
  readonly contender: Contender;
  readonly #directory: string;
  readonly #corpus: string;
  readonly #batch: number;
  #failed = false;

  constructor(
    contender: Contender,
    { directory, corpus, batch }: { directory: string; corpus: UpdateCorpus; batch: number },
  ) {
    this.contender = contender;
    this.#directory = join(directory, `check-${contender.name}`);
    this.#corpus = corpus.directory;
    this.#batch = batch;
  }

  /** `what` names a state, and the file of what its target was told. */
  async run(what: string, more: Partial<Task>): Promise<void> {
    if (this.#failed) return;
    const state = join(this.#directory, what);
    mkdirSync(state, { recursive: true });
    const task: Task = {
      corpus: this.#corpus,
      state,
      splitter: 1,
      delay: 0,
      batch: this.#batch,
      target: "counting",
      mode: "update",
      stopAfterTexts: null,
      record: `${state}.jsonl`,
      ...more,
    };
    try {
      await measureProcess(this.contender.command(task));
    } catch (error) {
      if (!this.contender.isRival) throw error;
      this.#failed = true;
    }
  }

  result(what: RightnessResult["what"], files: number): RightnessResult {
    const { name: contender } = this.contender;
    return { files, contender, what, ...compareRows(this.#told(what), this.#told("rebuilt")) };
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  *#told(what: string): Generator<Operation> {
    const file = join(this.#directory, `${what}.jsonl`);
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n"))
      if (line !== "") yield JSON.parse(line) as Operation;
  }
}
