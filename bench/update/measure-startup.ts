import { fileURLToPath } from "node:url";
import type { Progress } from "../progress.ts";
import { measureProcess, type ProcessUse } from "./measure-process.ts";
import type { StartupResult } from "./results.ts";

/** The repository, from the built modules of the bench. */
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const commands: readonly (readonly string[])[] = [["--help"], ["ls", "examples/markdown-html/flows.ts"]];

/** What the command line takes for what hardly takes any work. */
export async function measureStartups(rounds: number, progress: Progress): Promise<StartupResult[]> {
  if (rounds > 0) progress.begin("starting");
  const results: StartupResult[] = [];
  for (const args of rounds > 0 ? commands : []) {
    const uses: ProcessUse[] = [];
    for (let round = 0; round < rounds; round++) {
      const given = args.map((arg) => (arg.includes("/") ? root + arg : arg));
      const { use } = await measureProcess([process.execPath, `${root}dist/cli/main.js`, ...given]);
      uses.push(use);
    }
    results.push({ command: ["sluice", ...args].join(" "), rounds: uses });
  }
  return results;
}
