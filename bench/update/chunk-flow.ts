import {
  type Collector,
  defineFlow,
  defineFunction,
  type Flow,
  type FlowBuilder,
  range,
  table,
  vector,
} from "sluice";
import { localFiles } from "sluice/local-files";
import { z } from "zod";
import type { Task } from "./counts.ts";
import { dimension, type FakeEmbedder } from "./fake-embedder.ts";
import { splitPage, splitPageAgain } from "./split-page.ts";

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

const pieces = table(z.object({ location: range(), text: z.string() }), { key: ["location"] });

const split = defineFunction({
  name: "split",
  input: { text: z.string() },
  output: pieces,
  run: ({ text }) => located(splitPage(text)),
});

/** The splitter after an edit of its code. */
const splitEdited = defineFunction({
  name: "split",
  input: { text: z.string() },
  output: pieces,
  run: ({ text }) => located(splitPageAgain(text)),
});

let made = 0;

/** How many pieces the splitters have made. */
export function piecesMade(): number {
  return made;
}

function located(texts: readonly string[]): { location: [number, number]; text: string }[] {
  made += texts.length;
  let end = 0;
  return texts.map((text) => {
    const start = end;
    end += text.length;
    return { location: [start, end], text };
  });
}

/** Cached, since it stands for a model that is slow or costs money. */
function embedWith(embedder: FakeEmbedder, maxBatchSize: number) {
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
      const parts = page.content.transform(task.splitter === 1 ? split : splitEdited);
      parts.forEachRow(({ location, text }) => {
        chunks.collect({ file: page.filename, location, text, embedding: text.transform(embed) });
      });
    });
    exportTo(chunks);
  });
}

function addPages(flow: FlowBuilder, { corpus, mode }: Task) {
  const watchChanges = mode === "live";
  return flow.addSource("pages", localFiles({ path: corpus, includedPatterns: ["**/*.md"], watchChanges }));
}
