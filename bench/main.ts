import { benchLive } from "./live/bench-live.ts";
import { benchUpdate } from "./update/bench-update.ts";

/*
 * `npm run bench`: measures, and writes the figures into docs/benchmarks. `npm run bench -- NAME` runs one of them,
 * with options of its own.
 */

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  live: benchLive,
  update: benchUpdate,
};

const [name, ...args] = process.argv.slice(2);
const chosen = name === undefined ? Object.values(benches) : [benches[name]];
try {
  for (const bench of chosen) {
    if (!bench) throw new Error(`there is no bench ${name}; there are: ${Object.keys(benches).join(", ")}`);
    await bench(args);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
