import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { describeMachine } from "../machine.ts";
import { Progress } from "../progress.ts";
import { inDirectory } from "../temporary-directory.ts";
import { checkRightness } from "./check-rightness.ts";
import { contenders } from "./contenders.ts";
import { installRivals } from "./install-rivals.ts";
import { measureBursts } from "./measure-burst.ts";
import { measureProfiles } from "./measure-profiles.ts";
import { measureSources, measureWideRows } from "./measure-sizes.ts";
import { measureStartups } from "./measure-startup.ts";
import type { UpdateResults } from "./results.ts";
import { runSeries, type SeriesSetting, stepsOf } from "./run-series.ts";
import type { Entrant, Series } from "./series.ts";
import { renderUpdatePage } from "./update-page.ts";
import { planUpdate, type UpdatePlan, updateUsage } from "./update-plan.ts";

/** Where the figures go, relative to the repository; those of a run that measures less go nowhere else than the first. */
export const updateResultsFile = "bench/results/update.json";
export const updatePageFile = "docs/benchmarks/update.md";
/** What is said by people about the figures. */
export const updateNotesFile = "bench/update/notes.md";
/** What has been measured so far, for a run that does not come to its end. */
const partialResultsFile = "bench/dist/update-partial.json";

/** Measures updates beside a floor and beside other programs. All of it makes the page; a part is only shown. */
export async function benchUpdate(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(updateUsage);
    return;
  }
  const plan = planUpdate(args);
  if (plan.renderOnly) {
    write(updatePageFile, pageOf(JSON.parse(readFileSync(updateResultsFile, "utf8")) as UpdateResults));
    return;
  }
  const command = ["npm run bench", "-- update", ...args].join(" ");
  const results = await inDirectory((directory) => measure(plan, { command, directory }));
  const page = pageOf(results);
  process.stdout.write(page);
  if (!plan.isWhole) return;
  write(updateResultsFile, `${JSON.stringify(results, null, 2)}\n`);
  write(updatePageFile, page);
  process.stderr.write(`written: ${updateResultsFile}, ${updatePageFile}\n`);
}

function pageOf(results: UpdateResults): string {
  return renderUpdatePage(results, readFileSync(updateNotesFile, "utf8"));
}

async function measure(
  plan: UpdatePlan,
  { command, directory }: { readonly command: string; readonly directory: string },
): Promise<UpdateResults> {
  const machine = describeMachine(tmpdir());
  if (plan.series.some(({ entrants }) => entrants.some(({ contender }) => contender.isRival)))
    installRivals();
  const series = plan.series.map(withoutAbsent);
  const setting: SeriesSetting = {
    directory,
    seed: plan.seed,
    batch: plan.batch,
    progress: new Progress(stepsOfPlan(plan, series)),
  };
  const run = new Run({ command, machine, batch: plan.batch, absent: absences(plan.series) });
  for (const one of series) run.add(await runSeries(one, setting));
  await measureBesides(run, plan, setting);
  return run.results;
}

/** What is no series. */
async function measureBesides(run: Run, plan: UpdatePlan, setting: SeriesSetting): Promise<void> {
  const present = presentIn(plan.series);
  const sluice = contenders.find(({ name }) => name === "sluice")!;
  if (plan.rightFiles > 0) run.add({ rightness: await checkRightness(present, plan.rightFiles, setting) });
  for (const files of plan.burst > 0 ? plan.files : []) {
    const { burst: edits, rounds } = plan;
    run.add({ bursts: [await measureBursts(sluice, { files, edits, rounds }, setting)] });
  }
  run.add({ sources: await measureSources(plan.sourceRows, setting) });
  run.add({ wideRows: await measureWideRows(plan.widePieces, setting) });
  run.add({ startups: await measureStartups(plan.startups, setting.progress) });
  for (const files of plan.profiles ? plan.files : [])
    run.add({ profiles: await measureProfiles(sluice, files, setting) });
}

function stepsOfPlan(plan: UpdatePlan, series: readonly Series[]): number {
  return (
    series.reduce((sum, one) => sum + stepsOf(one), 0) +
    Math.min(1, plan.rightFiles) +
    (plan.burst > 0 ? plan.files.length : 0) +
    plan.sourceRows.length +
    plan.widePieces.length +
    Math.min(1, plan.startups) +
    (plan.profiles ? plan.files.length : 0)
  );
}

function entrantsIn(series: readonly Series[]): Entrant[] {
  return series.flatMap(({ entrants }) => entrants);
}

function presentIn(series: readonly Series[]) {
  const names = new Set(entrantsIn(series).map(({ contender }) => contender.name));
  return contenders.filter((contender) => names.has(contender.name) && contender.absence() === null);
}

function absences(series: readonly Series[]): UpdateResults["absent"] {
  const all = entrantsIn(series).map(({ contender }) => [contender.name, contender.absence()] as const);
  return Object.fromEntries(all.filter(([, absence]) => absence !== null));
}

function withoutAbsent(series: Series): Series {
  return { ...series, entrants: series.entrants.filter(({ contender }) => contender.absence() === null) };
}

type Lists = Omit<UpdateResults, "command" | "machine" | "batch" | "absent">;

/** What has been measured so far, which is written down at once. */
class Run {
  #results: UpdateResults;

  constructor(head: Omit<UpdateResults, keyof Lists>) {
    const none = {
      phases: [],
      texts: [],
      rightness: [],
      bursts: [],
      sources: [],
      wideRows: [],
      startups: [],
      profiles: [],
    };
    this.#results = { ...head, ...none };
  }

  get results(): UpdateResults {
    return this.#results;
  }

  add(more: Partial<Lists>): void {
    const names = Object.keys(more) as (keyof Lists)[];
    const joined = names.map((name) => [name, [...this.#results[name], ...more[name]!]]);
    this.#results = { ...this.#results, ...(Object.fromEntries(joined) as Partial<Lists>) };
    write(partialResultsFile, JSON.stringify(this.#results, null, 1));
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
