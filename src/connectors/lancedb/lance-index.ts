import type { Index } from "@lancedb/lancedb";
import { z } from "zod";
import type { FtsIndex, TargetIndexes, VectorIndex, VectorMetric } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import type { LanceColumn } from "./lance-column.ts";

const count = z.int().min(1).max(65_536).optional();
/** Below it a search looks at every row: that is exact, and as fast. Quantisation needs 256 rows to learn from. */
const fromRows = z.int().min(256).default(4_096);

const method = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("hnsw"), m: count, efConstruction: count, fromRows }),
  z.strictObject({
    kind: z.literal("hnswpq"),
    m: count,
    efConstruction: count,
    subVectors: count,
    fromRows,
  }),
  z.strictObject({ kind: z.literal("ivfflat"), lists: count, fromRows }),
  z.strictObject({ kind: z.literal("ivfpq"), lists: count, subVectors: count, fromRows }),
]);

const textParameters = z.strictObject({
  withPosition: z.boolean().optional(),
  baseTokenizer: z.enum(["simple", "whitespace", "raw", "ngram"]).optional(),
  language: z.string().min(1).optional(),
  maxTokenLength: z.int().min(1).optional(),
  lowercase: z.boolean().optional(),
  stem: z.boolean().optional(),
  removeStopWords: z.boolean().optional(),
  asciiFolding: z.boolean().optional(),
  ngramMinLength: z.int().min(1).optional(),
  ngramMaxLength: z.int().min(1).optional(),
  prefixOnly: z.boolean().optional(),
});

const metrics = z.enum(["cosine", "l2", "innerProduct"]) satisfies z.ZodType<VectorMetric>;

/** The indexes of a table, as they are recorded. */
export const lanceIndex = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("vector"), field: z.string(), metric: metrics, method }),
  z.object({ kind: z.literal("text"), field: z.string(), parameters: textParameters }),
]);

export type LanceIndex = z.output<typeof lanceIndex>;

type VectorLanceIndex = Extract<LanceIndex, { kind: "vector" }>;

/**
 * The indexes that an export asks for.
 *
 * @throws SluiceError `export-invalid`
 */
export function planIndexes(indexes: TargetIndexes, columns: readonly LanceColumn[]): LanceIndex[] {
  const columnOf = (name: string) => columns.find((column) => column.name === name)!;
  const planned = [
    ...indexes.vector.map((index) => vectorIndex(index, columnOf(index.field))),
    ...indexes.fts.map((index) => textIndex(index, columnOf(index.field))),
  ];
  const fields = planned.map(({ field }) => field);
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice === undefined) return planned;
  throw invalid(`${twice} would have two indexes`, "A column of LanceDB has one index.");
}

function vectorIndex({ field, metric, method: given }: VectorIndex, { type }: LanceColumn): LanceIndex {
  if (type.kind !== "Vector" && type.kind !== "Vectors") {
    throw invalid(
      `the vector index of ${field} is over no vectors of fixed dimension`,
      "Give the field a schema such as vector(384).",
    );
  }
  if (type.kind === "Vectors" && metric !== "cosine") {
    throw invalid(
      `the vector index of ${field} has the metric ${metric}, and LanceDB compares lists of vectors by cosine alone`,
      'Ask for the metric "cosine".',
    );
  }
  const parsed = method.safeParse(given ?? { kind: "hnsw" });
  if (parsed.success) return { kind: "vector", field, metric, method: parsed.data };
  throw invalid(
    `the vector index of ${field} has a method that it cannot have: ${z.prettifyError(parsed.error)}`,
    'Its kind is "hnsw", "hnswpq", "ivfflat" or "ivfpq"; docs/connectors/lancedb.md lists the parameters.',
  );
}

function textIndex({ field, parameters }: FtsIndex, column: LanceColumn): LanceIndex {
  if (column.field.type.kind !== "string") {
    throw invalid(`the full-text index of ${field} is over no text`, "Only strings can have one.");
  }
  const parsed = textParameters.safeParse(parameters ?? {});
  if (parsed.success) return { kind: "text", field, parameters: parsed.data };
  throw invalid(
    `the full-text index of ${field} has parameters that it cannot have: ${z.prettifyError(parsed.error)}`,
    "docs/connectors/lancedb.md lists them.",
  );
}

/** What LanceDB is told to make the index with. */
export function indexConfig(lancedb: { readonly Index: typeof Index }, index: LanceIndex): Index {
  if (index.kind === "text") return lancedb.Index.fts(withoutUndefined(index.parameters));
  return vectorConfig(lancedb, index);
}

function vectorConfig(lancedb: { readonly Index: typeof Index }, index: VectorLanceIndex): Index {
  const { method, metric } = index;
  const distanceType = metric === "innerProduct" ? "dot" : metric;
  const lists = "lists" in method ? method.lists : undefined;
  const subVectors = "subVectors" in method ? method.subVectors : undefined;
  const shared = { distanceType, numPartitions: lists, numSubVectors: subVectors } as const;
  if (method.kind === "ivfflat") return lancedb.Index.ivfFlat(withoutUndefined(shared));
  if (method.kind === "ivfpq") return lancedb.Index.ivfPq(withoutUndefined(shared));
  const graph = withoutUndefined({ ...shared, m: method.m, efConstruction: method.efConstruction });
  return method.kind === "hnsw" ? lancedb.Index.hnswSq(graph) : lancedb.Index.hnswPq(graph);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(options: T): Defined<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function invalid(message: string, hint: string): SluiceError {
  return new SluiceError("export-invalid", message, { hint });
}
