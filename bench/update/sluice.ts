import { join } from "node:path";
import { configure, type EngineEvent } from "sluice";
import { defineChunkFlow, piecesMade } from "./chunk-flow.ts";
import { countingTarget } from "./counting-target.ts";
import { diskBytes, givenTask, printCounts } from "./counts.ts";
import { FakeEmbedder } from "./fake-embedder.ts";

/*
 * Sluice as its users run it: the package as it is built, a flow of its public interface, set up and updated.
 */

const task = givenTask();
const embedder = new FakeEmbedder(task);
const counts = { targetCalls: 0, targetWrites: 0, targetDeletes: 0 };
let transactions = 0;

function hear({ kind }: EngineEvent): void {
  if (kind === "store-written") transactions++;
}

const storeDirectory = join(task.state, "store");
configure({ appDirectory: task.state, storeDirectory });
const target = countingTarget(counts, task.record);
const flow = defineChunkFlow({
  task,
  embedder,
  exportTo: (chunks) => chunks.export("Chunks", target, { primaryKeyFields: ["file", "location"] }),
});
await flow.setup();
const info = await flow.update({
  report: hear,
  allowDeletions: true,
  reexportTargets: task.mode === "reexport",
});
if (!info.ok) throw new Error(JSON.stringify({ failures: info.failures, incomplete: info.incomplete }));
flow.close();
printCounts({
  filesRead: info.sources.pages!.read,
  chunks: piecesMade(),
  embedCalls: embedder.calls,
  embedTexts: embedder.texts,
  ...counts,
  transactions,
  storeBytes: diskBytes(storeDirectory),
});
