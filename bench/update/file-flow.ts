import { defineFlow, defineFunction, type Flow, range, vector } from "sluice";
import { localFilesTarget } from "sluice/local-files";
import { z } from "zod";
import { addPages, embedWith, splitFor } from "./chunk-flow.ts";
import type { Task } from "./counts.ts";
import { dimension, type FakeEmbedder } from "./fake-embedder.ts";

const pathOfPiece = defineFunction({
  name: "pathOfPiece",
  input: { filename: z.string(), location: range() },
  output: z.string(),
  run: ({ filename, location }) => `${filename}/${location.join("-")}.txt`,
});

const withVector = defineFunction({
  name: "withVector",
  input: { text: z.string(), embedding: vector(dimension) },
  output: z.string(),
  run: ({ text, embedding }) => `${text}\n${embedding.join(" ")}\n`,
});

/** The same flow with a file for each piece. */
export function defineFileFlow(task: Task, embedder: FakeEmbedder): Flow {
  const embed = embedWith(embedder, task.batch);
  return defineFlow("Chunks", (flow) => {
    const files = flow.addCollector<{ path: string; content: string }>();
    addPages(flow, task).forEachRow((page) => {
      page.content.transform(splitFor(task)).forEachRow(({ location, text }) => {
        files.collect({
          path: page.filename.transform(pathOfPiece, { location }),
          content: text.transform(withVector, { embedding: text.transform(embed) }),
        });
      });
    });
    files.export("Chunks", localFilesTarget({ directory: "files" }), { primaryKeyFields: ["path"] });
  });
}
