import { join } from "node:path";
import { type Collector, configure, type EngineEvent, type Flow, type UpdateInfo } from "sluice";
import { type Chunk, defineChunkFlow } from "./chunk-flow.ts";
import { countingTarget, type TargetCounts } from "./counting-target.ts";
import { type Counts, diskBytes, type Task } from "./counts.ts";
import { FakeEmbedder } from "./fake-embedder.ts";
import { piecesMade } from "./pieces.ts";

const primaryKeyFields = ["file", "location"] as const;

/** The flow of a task, with what counts its work. */
export class MeasuredFlow {
  readonly flow: Flow;
  readonly #task: Task;
  readonly #embedder: FakeEmbedder;
  readonly #target: TargetCounts;
  readonly #piecesBefore = piecesMade();
  #transactions = 0;

  private constructor(
    task: Task,
    { embedder, target, flow }: { embedder: FakeEmbedder; target: TargetCounts; flow: Flow },
  ) {
    this.#task = task;
    this.#embedder = embedder;
    this.#target = target;
    this.flow = flow;
  }

  static async define(task: Task): Promise<MeasuredFlow> {
    const target = { targetCalls: 0, targetWrites: 0, targetDeletes: 0 };
    const embedder = new FakeEmbedder(task);
    configure({ appDirectory: task.state, storeDirectory: storeOf(task) });
    return new MeasuredFlow(task, { embedder, target, flow: await flowFor(task, embedder, target) });
  }

  readonly hear = ({ kind }: EngineEvent): void => {
    if (kind === "store-written") this.#transactions++;
  };

  /** Sets up and updates. */
  async update(): Promise<Counts> {
    await this.flow.setup();
    const reexportTargets = this.#task.mode === "reexport";
    const info = await this.flow.update({ report: this.hear, allowDeletions: true, reexportTargets });
    if (!info.ok) throw new Error(JSON.stringify({ failures: info.failures, incomplete: info.incomplete }));
    return this.counts(info);
  }

  counts(info: UpdateInfo): Counts {
    const { upserted, deleted, calls } = info.targets.Chunks!;
    const told = { targetCalls: calls, targetWrites: upserted, targetDeletes: deleted };
    return {
      filesRead: info.sources.pages!.read,
      chunks: piecesMade() - this.#piecesBefore,
      embedCalls: this.#embedder.calls,
      embedTexts: this.#embedder.texts,
      ...(this.#task.target === "counting" ? this.#target : told),
      transactions: this.#transactions,
      storeBytes: diskBytes(storeOf(this.#task)),
    };
  }
}

function storeOf({ state }: Task): string {
  return join(state, "store");
}

async function flowFor(task: Task, embedder: FakeEmbedder, target: TargetCounts): Promise<Flow> {
  if (task.target !== "files")
    return defineChunkFlow({ task, embedder, exportTo: await exportOf(task, target) });
  const { defineFileFlow } = await import("./file-flow.ts");
  return defineFileFlow(task, embedder);
}

/** Connectors are imported where a flow has use for them, as in a flow of its own. */
async function exportOf(
  { target, state, record }: Task,
  counts: TargetCounts,
): Promise<(chunks: Collector<Chunk>) => void> {
  if (target === "lancedb") {
    const { lancedb } = await import("sluice/lancedb");
    return (chunks) =>
      chunks.export("Chunks", lancedb({ uri: join(state, "lancedb") }), { primaryKeyFields });
  }
  if (target === "pglite") {
    const { pglite } = await import("sluice/pglite");
    return (chunks) =>
      chunks.export("Chunks", pglite({ directory: join(state, "pglite") }), { primaryKeyFields });
  }
  const counting = countingTarget(counts, record);
  return (chunks) => chunks.export("Chunks", counting, { primaryKeyFields });
}
