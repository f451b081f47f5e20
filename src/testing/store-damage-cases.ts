import assert from "node:assert/strict";
import { join } from "node:path";
import { codeOf, HeldFlow, type StoreBench, type StoreCases, utf8 } from "./store-bench.ts";
import { StoreChild } from "./store-child-process.ts";
import type { StoreConformanceOptions } from "./store-conformance-options.ts";
import { dumpStore } from "./store-dump.ts";
import { modelFlow, modelQuestions, operationAt, perform } from "./store-operations.ts";

const damagesOfRun = 25;

/** What was changed from outside is right still, or reported: it never kills the process and is never left out. */
export const storeDamageCases: StoreCases = (options) => ({
  ...(options.child && options.dataFile !== undefined
    ? {
        "reports a file that was cut off": (bench) => damageCase(bench, "truncate"),
        "reports a file of which bytes were changed": (bench) => damageCase(bench, "flip"),
      }
    : {}),
  ...(options.rewriteFormat
    ? { "refuses a store of another format": (bench) => formatCase(bench, options) }
    : {}),
});

async function damageCase(bench: StoreBench, way: "flip" | "truncate"): Promise<void> {
  const { child, dataFile } = bench.options;
  const directory = bench.subdirectory("whole");
  const expected = await fill(bench, directory);
  const task = {
    kind: "damage" as const,
    directory,
    dataFile: dataFile!,
    scratch: bench.subdirectory("damaged"),
    seed: bench.seed,
    way,
    count: damagesOfRun * bench.runs,
    expected,
  };
  const damager = new StoreChild(child!, task);
  await damager.ended();
  const outcomes = damager.lines.filter((line) => !line.startsWith("try"));
  assert.equal(outcomes.length, task.count);
  const wrong = outcomes.filter((line) => line.startsWith("wrong"));
  assert.deepEqual(wrong, [], `seed ${bench.seed}`);
  const refused = outcomes.filter((line) => line.startsWith("refused")).length;
  // Much of a file is free pages, of which nothing is missed.
  const least = way === "truncate" ? 0.3 : 0.05;
  assert.ok(refused > outcomes.length * least, `only ${refused} of ${outcomes.length} were reported`);
}

/** A store with a past: rows that came and went, so that there are free pages too. Returns what it holds, as JSON. */
async function fill(bench: StoreBench, directory: string): Promise<string> {
  const store = await bench.open(directory);
  const held = new HeldFlow(store, modelFlow, await store.acquireLease(modelFlow, { purpose: "fill" }));
  for (let index = 0; index < 150; index++) {
    const operation = operationAt(bench.seed, index);
    if (operation.kind === "collect" || (operation.kind === "write" && operation.write.removeFlow)) continue;
    await perform(held, operation);
  }
  // Little of the file shall be free, for nothing can go wrong there.
  const rows = Array.from({ length: 400 }, (_, i) => ({
    source: modelQuestions.sources[1]!,
    key: utf8(`more/${i}`),
    version: new Uint8Array(60),
    outputs: new Uint8Array(600),
  }));
  for (let i = 0; i < rows.length; i += 40) {
    const some = rows.slice(i, i + 40);
    const owners = some.map(({ key }, n) => ({
      target: modelQuestions.targets[1]!,
      key,
      record: new Uint8Array(100),
      owed: n % 2 === 0,
    }));
    await held.write({ rows: some, owners });
  }
  await held.lease.release();
  const dump = JSON.stringify(await dumpStore(store, modelQuestions));
  await store.close();
  return dump;
}

async function formatCase(bench: StoreBench, options: StoreConformanceOptions): Promise<void> {
  for (const format of ["newer", "older"] as const) {
    const directory = join(bench.directory, format);
    await fill(bench, bench.subdirectory(format));
    await options.rewriteFormat!(directory, format);
    assert.equal(await codeOf(bench.open(directory)), "store-version", format);
    assert.equal(await codeOf(bench.open(directory)), "store-version", `${format}, again`);
  }
}
