import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./contenders.ts";
import type { Task } from "./counts.ts";
import { measureProcess } from "./measure-process.ts";
import { areaTimes, type CpuProfile } from "./profile-areas.ts";
import type { PhaseName, ProfileResult } from "./results.ts";
import type { SeriesSetting } from "./run-series.ts";
import { phases } from "./series.ts";
import { UpdateCorpus } from "./update-corpus.ts";

const profiled: readonly PhaseName[] = ["initial", "unchanged", "edited", "renamed"];

/** Where the time goes in the phases that figures are to be reached in; measured apart, since looking costs time too. */
export async function measureProfiles(
  sluice: Contender,
  files: number,
  { directory, seed, batch, progress }: SeriesSetting,
): Promise<ProfileResult[]> {
  progress.begin(`profiles: ${files.toLocaleString("en-US")} files`);
  const corpus = new UpdateCorpus(join(directory, "corpus"), files, seed);
  const state = join(directory, "state");
  mkdirSync(state);
  const results: ProfileResult[] = [];
  for (const phase of phases.filter(({ name }) => profiled.includes(name))) {
    if (phase.change !== null) corpus.change(phase.change);
    const task: Task = {
      corpus: corpus.directory,
      state,
      splitter: phase.splitter,
      delay: 0,
      batch,
      target: "counting",
      mode: phase.mode,
      stopAfterTexts: null,
      record: null,
    };
    results.push({ files, phase: phase.name, areas: await areasOf(sluice.command(task), directory) });
  }
  rmSync(state, { recursive: true });
  corpus.remove();
  return results;
}

async function areasOf([node, ...args]: [string, ...string[]], directory: string) {
  const profiles = join(directory, "profiles");
  const options = ["--cpu-prof", "--cpu-prof-interval", "250", "--cpu-prof-dir", profiles];
  await measureProcess([node, ...options, ...args]);
  const file = join(profiles, readdirSync(profiles)[0]!);
  const profile = JSON.parse(readFileSync(file, "utf8")) as CpuProfile;
  rmSync(profiles, { recursive: true });
  return areaTimes(profile);
}
