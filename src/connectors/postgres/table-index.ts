import { createHash } from "node:crypto";
import { z } from "zod";
import type { FtsIndex, TargetIndexes, VectorIndex, VectorMetric } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import type { FieldType } from "../../values/index.ts";
import { vectorColumn } from "./column-type.ts";
import { quoteIdentifier, quoteLiteral } from "./identifiers.ts";

const operatorSuffix: Readonly<Record<VectorMetric, string>> = {
  cosine: "cosine_ops",
  l2: "l2_ops",
  innerProduct: "ip_ops",
};
/** What an index of pgvector takes; a `vector` of more is indexed as `halfvec`. */
const maxVectorDimension = 2_000;
const maxHalfvecDimension = 4_000;
const defaultConfig = "english";

const method = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("hnsw"),
    m: z.int().min(2).max(100).optional(),
    efConstruction: z.int().min(4).max(1_000).optional(),
  }),
  z.strictObject({ kind: z.literal("ivfflat"), lists: z.int().min(1).max(32_768).optional() }),
]);

const ftsParameters = z.strictObject({ config: z.string().min(1).optional() });

/** An index: its name, and what stands after `CREATE INDEX name ON table`. */
export interface PlannedIndex {
  readonly name: string;
  readonly definition: string;
}

/** What indexes are planned over. */
export interface IndexedTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly fields: readonly FieldType[];
}

/**
 * The indexes that an export asks for. A name follows from the definition, so that another definition is another index.
 *
 * @throws SluiceError `export-invalid`
 */
export function planIndexes(
  table: string,
  indexes: TargetIndexes,
  { columns, fields }: IndexedTable,
): PlannedIndex[] {
  const typeOf = (name: string) => columns.find((column) => column.name === name)!.type;
  const planned = [
    ...indexes.vector.map((index) => ({
      field: index.field,
      definition: vectorDefinition(index, typeOf(index.field)),
    })),
    ...indexes.fts.map((index) => ({
      field: index.field,
      definition: textDefinition(index, fields.find(({ name }) => name === index.field)!),
    })),
  ];
  const byName = new Map(
    planned.map(({ field, definition }) => [indexName(table, field, definition), definition]),
  );
  return [...byName].map(([name, definition]) => ({ name, definition }));
}

function vectorDefinition({ field, metric, method: given }: VectorIndex, type: string): string {
  const parsed = method.safeParse(given ?? { kind: "hnsw" });
  if (!parsed.success) {
    throw invalid(
      `the vector index of ${field} has a method that it cannot have: ${z.prettifyError(parsed.error)}`,
      'Give { kind: "hnsw", m, efConstruction } or { kind: "ivfflat", lists }; the parameters may be left out.',
    );
  }
  const { operand, operators } = vectorOperand(field, type);
  const parameters =
    parsed.data.kind === "hnsw"
      ? { m: parsed.data.m, ef_construction: parsed.data.efConstruction }
      : { lists: parsed.data.lists };
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const options =
    set.length === 0 ? "" : ` WITH (${set.map(([name, value]) => `${name} = ${value}`).join(", ")})`;
  return `USING ${parsed.data.kind} (${operand} ${operators}_${operatorSuffix[metric]})${options}`;
}

function vectorOperand(field: string, type: string) {
  const column = vectorColumn(type);
  if (column === null) {
    throw invalid(
      `the vector index of ${field} needs vectors of 32-bit floats and a fixed dimension: its column is ${type}`,
      `Declare its values as vector(n), or give columnTypes: { ${field}: "vector(n)" } to keep them rounded.`,
    );
  }
  const { kind, dimension } = column;
  if (dimension > maxHalfvecDimension) {
    throw invalid(
      `the vector index of ${field} has ${dimension} dimensions, and pgvector indexes ${maxHalfvecDimension}`,
      "Leave the index out, or use embeddings of fewer dimensions.",
    );
  }
  const name = quoteIdentifier(field);
  if (kind === "halfvec" || dimension <= maxVectorDimension) return { operand: name, operators: kind };
  return { operand: `(${name}::halfvec(${dimension}))`, operators: "halfvec" };
}

function textDefinition({ field, parameters }: FtsIndex, { type }: FieldType): string {
  const parsed = ftsParameters.safeParse(parameters ?? {});
  if (!parsed.success) {
    throw invalid(
      `the full-text index of ${field} has parameters that it cannot have: ${z.prettifyError(parsed.error)}`,
      'Give { config: "english" }, or another text search configuration of the database.',
    );
  }
  if (type.kind !== "string")
    throw invalid(`the full-text index of ${field} needs text`, "Index a field whose values are strings.");
  const config = `${quoteLiteral(parsed.data.config ?? defaultConfig)}::regconfig`;
  return `USING gin (to_tsvector(${config}, ${quoteIdentifier(field)}))`;
}

/** At most 60 bytes, whatever the names: what tells indexes apart is the hash. */
function indexName(table: string, field: string, definition: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([table, definition]))
    .digest("hex")
    .slice(0, 12);
  const words = `${table}_${field}`.replace(/[^A-Za-z0-9_]/g, "").slice(0, 46);
  return `${words}_${hash}`;
}

function invalid(message: string, hint: string): SluiceError {
  return new SluiceError("export-invalid", message, { hint });
}
