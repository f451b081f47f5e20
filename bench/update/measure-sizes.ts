import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ManyRowsArgument } from "./many-rows.ts";
import { measureProcess } from "./measure-process.ts";
import type { PhaseName, SizedResult } from "./results.ts";
import type { SeriesSetting } from "./run-series.ts";
import type { WideRowArgument } from "./wide-row.ts";

/** Updates of sources of so many rows: all new, then none changed. */
export async function measureSources(
  sizes: readonly number[],
  setting: SeriesSetting,
): Promise<SizedResult[]> {
  return measureSizes(sizes, setting, {
    title: "rows of a source",
    module: "many-rows.js",
    phases: ["initial", "unchanged"],
    argument: (state, rows): ManyRowsArgument => ({ state, rows }),
  });
}

/** Updates of one row of so many pieces: new, not changed, one piece edited. */
export async function measureWideRows(
  sizes: readonly number[],
  setting: SeriesSetting,
): Promise<SizedResult[]> {
  return measureSizes(sizes, setting, {
    title: "pieces of one row",
    module: "wide-row.js",
    phases: ["initial", "unchanged", "edited"],
    argument: (state, lines, phase): WideRowArgument => ({
      state,
      lines,
      version: phase === "edited" ? 2 : 1,
    }),
  });
}

interface Sizes {
  readonly title: string;
  readonly module: string;
  readonly phases: readonly PhaseName[];
  argument(state: string, size: number, phase: PhaseName): unknown;
}

async function measureSizes(
  sizes: readonly number[],
  { directory, progress }: SeriesSetting,
  { title, module, phases, argument }: Sizes,
): Promise<SizedResult[]> {
  const results: SizedResult[] = [];
  const program = fileURLToPath(new URL(module, import.meta.url));
  for (const size of sizes) {
    progress.begin(`${size.toLocaleString("en-US")} ${title}`);
    const state = join(directory, "sized");
    mkdirSync(state);
    for (const phase of phases) {
      const given = JSON.stringify(argument(state, size, phase));
      const { use } = await measureProcess([process.execPath, program, given]);
      results.push({ size, phase, ...use });
    }
    rmSync(state, { recursive: true });
  }
  return results;
}
