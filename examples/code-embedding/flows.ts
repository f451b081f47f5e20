import { join } from "node:path";
import { connect } from "@lancedb/lancedb";
import { defineFlow, defineTransformFlow, getTargetDefaultName } from "sluice";
import { detectProgrammingLanguage, hashingEmbed, splitRecursively } from "sluice/functions";
import { lancedb } from "sluice/lancedb";
import { localFiles } from "sluice/local-files";
import { z } from "zod";

const database = "code_index";

/** What code and questions share. For a model that knows meanings, put embedText({ model, dimension }) here. */
export const codeToVector = defineTransformFlow("codeToVector", { input: { text: z.string() } }, ({ text }) =>
  text.transform(hashingEmbed({ dimension: 384 })),
);

/** Every source file in chunks that follow its syntax, with their vectors, in a table of LanceDB. */
export const code = defineFlow("Code", (flow) => {
  const files = flow.addSource(
    "files",
    localFiles({
      path: process.env.CODE_PATH ?? "../../src",
      includedPatterns: ["**/*.{ts,tsx,js,jsx,py,rs,go,java,rb,php,c,cpp,cs,css,sh}"],
      excludedPatterns: ["**/{node_modules,dist}", "**/*.test.*"],
      watchChanges: true,
    }),
    { refreshInterval: "1m" },
  );
  const chunks = flow.addCollector<{
    filename: string;
    location: [number, number];
    language: string | null;
    startLine: number;
    text: string;
    embedding: Float32Array;
  }>();
  files.forEachRow((file) => {
    const language = file.filename.transform(detectProgrammingLanguage);
    file.content.transform(splitRecursively, { chunkSize: 1500, language }).forEachRow((chunk) => {
      chunks.collect({
        filename: file.filename,
        location: chunk.location,
        language,
        startLine: chunk.start.line,
        text: chunk.text,
        embedding: chunk.text.transform(codeToVector),
      });
    });
  });
  chunks.export("Chunks", lancedb({ uri: database }), {
    primaryKeyFields: ["filename", "location"],
    vectorIndexes: [{ field: "embedding", metric: "cosine" }],
  });
});

interface Found {
  readonly filename: string;
  readonly startLine: number | bigint;
  readonly text: string;
  readonly _distance: number;
}

function linesIn(text: string): number {
  return text.trimEnd().split("\n").length;
}

code.addQueryHandler({
  name: "search",
  async handler(query, { signal, limit, appDirectory }) {
    const embedding = await codeToVector.eval(query, { signal });
    const connection = await connect(join(appDirectory, database));
    try {
      const table = await connection.openTable(getTargetDefaultName(code, "Chunks"));
      const nearest = table
        .vectorSearch(embedding)
        .distanceType("cosine")
        .limit(limit ?? 5);
      const found: Found[] = await nearest.select(["filename", "startLine", "text", "_distance"]).toArray();
      const results = found.map(({ filename, startLine, text, _distance }) => ({
        score: 1 - _distance,
        place: `${filename}:${startLine}-${Number(startLine) + linesIn(text) - 1}`,
        text,
      }));
      return { results, queryInfo: { embedding, similarityMetric: "cosine" } };
    } finally {
      connection.close();
    }
  },
  resultFields: { score: "score", location: "place", text: "text" },
});
