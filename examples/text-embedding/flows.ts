import { defineFlow, defineTransformFlow, getTargetDefaultName } from "sluice";
import { hashingEmbed, splitRecursively } from "sluice/functions";
import { localFiles } from "sluice/local-files";
import { z } from "zod";
import { onPglite } from "./database.ts";

const database = onPglite("search.db");

// Lexical, and needs no model. For vectors that know meanings, import embedText and openAiCompatible, and write:
// const model = openAiCompatible({ url: "http://localhost:11434/v1", model: "nomic-embed-text" });
// const embed = embedText({ model, dimension: 768 });
const embed = hashingEmbed({ dimension: 512 });

/** What the flow and its queries share: both make vectors in the same way, whatever that is. */
export const textToVector = defineTransformFlow("textToVector", { input: { text: z.string() } }, ({ text }) =>
  text.transform(embed),
);

/** The Markdown files of a directory, in chunks that can be found by meaning and by words. */
export const docs = defineFlow("TextEmbedding", (flow) => {
  const files = flow.addSource(
    "files",
    localFiles({ path: "../../docs", includedPatterns: ["**/*.md"], watchChanges: true }),
    { refreshInterval: "1m" },
  );
  const chunks = flow.addCollector<{
    filename: string;
    location: [number, number];
    line: number;
    text: string;
    embedding: Float32Array;
  }>();
  files.forEachRow((file) => {
    const parts = file.content.transform(splitRecursively, { chunkSize: 1000, language: "markdown" });
    parts.forEachRow((chunk) => {
      chunks.collect({
        filename: file.filename,
        location: chunk.location,
        line: chunk.start.line,
        text: chunk.text,
        embedding: chunk.text.transform(textToVector),
      });
    });
  });
  chunks.export("Chunks", database.target, {
    primaryKeyFields: ["filename", "location"],
    vectorIndexes: [{ field: "embedding", metric: "cosine" }],
    ftsIndexes: [{ field: "text", parameters: { config: "english" } }],
  });
});

const table = `"${getTargetDefaultName(docs, "Chunks")}"`;
const resultFields = { score: "score", location: "place", text: "text" };

docs.addQueryHandler({
  name: "semantic",
  resultFields,
  async handler(query, { limit, signal, appDirectory }) {
    const embedding = await textToVector.eval(query, { signal });
    const sql = `SELECT 1 - (embedding <=> $1) AS score, filename || ':' || line AS place, text
      FROM ${table} ORDER BY embedding <=> $1, filename, line LIMIT $2`;
    const values = [JSON.stringify([...embedding]), limit ?? 10];
    const results = await database.ask({ sql, values, appDirectory });
    return { results, queryInfo: { embedding, similarityMetric: "cosine" } };
  },
});

docs.addQueryHandler({
  name: "words",
  resultFields,
  handler(query, { limit, appDirectory }) {
    const sql = `SELECT ts_rank(to_tsvector('english', text), words) AS score, filename || ':' || line AS place, text
      FROM ${table}, websearch_to_tsquery('english', $1) AS words
      WHERE to_tsvector('english', text) @@ words ORDER BY score DESC, filename, line LIMIT $2`;
    return database.ask({ sql, values: [query, limit ?? 10], appDirectory });
  },
});
