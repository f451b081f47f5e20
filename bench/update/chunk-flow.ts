import { type Collector, defineFlow, defineFunction, type Flow, type FlowBuilder, vector } from "sluice";
import { localFiles } from "sluice/local-files";
import { z } from "zod";
import type { Task } from "./counts.ts";
import { editedSplit } from "./edited-split-function.ts";
import { dimension, type FakeEmbedder } from "./fake-embedder.ts";
import { split } from "./split-function.ts";

export interface Chunk {
  readonly file: string;
  readonly location: [number, number];
  readonly text: string;
  readonly embedding: Float32Array;
}

export interface ChunkFlowOptions {
  readonly task: Task;
  readonly embedder: FakeEmbedder;
  /** Binds the chunks to a target. */
  readonly exportTo: (chunks: Collector<Chunk>) => void;
}

/** The splitter in the version of its code that a task asks for. */
export function splitFor({ splitter }: Task): typeof split {
  return splitter === 1 ? split : editedSplit;
}

/** Cached, since it stands for a model that is slow or costs money. */
export function embedWith(embedder: FakeEmbedder, maxBatchSize: number) {
  return defineFunction({
    name: "embed",
    version: 1,
    cache: true,
    input: { text: z.string() },
    output: vector(dimension),
    batching: { maxBatchSize },
    runBatch: (inputs) => embedder.embed(inputs.map(({ text }) => text)),
  });
}

/** The flow that is measured, as a user would write it: Markdown files in pieces, each with its vector. */
export function defineChunkFlow({ task, embedder, exportTo }: ChunkFlowOptions): Flow {
  const embed = embedWith(embedder, task.batch);
  return defineFlow("Chunks", (flow) => {
    const chunks = flow.addCollector<Chunk>();
    addPages(flow, task).forEachRow((page) => {
      const parts = page.content.transform(splitFor(task));
      parts.forEachRow(({ location, text }) => {
        chunks.collect({ file: page.filename, location, text, embedding: text.transform(embed) });
      });
    });
    exportTo(chunks);
  });
}

/** The source: the Markdown files of the corpus. */
export function addPages(flow: FlowBuilder, { corpus, mode }: Task) {
  const watchChanges = mode === "live";
  return flow.addSource("pages", localFiles({ path: corpus, includedPatterns: ["**/*.md"], watchChanges }));
}
