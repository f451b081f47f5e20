import { z } from "zod";
import type { SetupInput, SetupVerdict, TargetSchema, VectorIndex } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { type FieldType, typeSignature } from "../../values/index.ts";
import { fieldSchema, planPayloadIndexes } from "./payload-index.ts";
import type { QdrantSpec } from "./qdrant-spec.ts";

const hnsw = z.strictObject({
  kind: z.literal("hnsw"),
  m: z.int().min(0).max(1_000).optional(),
  efConstruction: z.int().min(4).max(10_000).optional(),
});

const vectorState = z.object({
  size: z.int(),
  distance: z.enum(["Cosine", "Euclid", "Dot"]),
  /** Whether a point has a list of them. */
  isMulti: z.boolean(),
  m: z.int(),
  efConstruct: z.int(),
});

export type VectorState = z.output<typeof vectorState>;

/** The state of a collection, as it is recorded, compared, and kept in the collection's metadata. */
export const collectionState = z.object({
  /** Where the server's key is. */
  apiKey: z.strictObject({ env: z.string() }).nullable(),
  /** Signatures of types, by field. */
  key: z.record(z.string(), z.string()),
  payload: z.record(z.string(), z.string()),
  vectors: z.record(z.string(), vectorState),
  indexes: z.record(z.string(), fieldSchema),
});

export type CollectionState = z.output<typeof collectionState>;

const distances = { cosine: "Cosine", l2: "Euclid", innerProduct: "Dot" } as const;

/** Whether a field is kept as a named vector: one of fixed dimension, or a list of these. */
export function isVectorField({ type }: FieldType): boolean {
  return dimensionOf(type) !== null;
}

function dimensionOf(type: FieldType["type"]): number | null {
  if (type.kind === "vector") return type.dimension;
  const element = type.kind === "list" ? type.element : null;
  return element?.kind === "vector" && !element.nullable ? element.dimension : null;
}

/**
 * The state that a collection must be in.
 *
 * @throws SluiceError `export-invalid`
 */
export function wantedState(input: SetupInput<QdrantSpec>): CollectionState {
  const { spec, schema, indexes, attachments } = input;
  checkNames(schema);
  const payload = schema.valueFields.filter((field) => !isVectorField(field));
  const all = [...schema.keyFields, ...payload];
  return {
    apiKey: spec.apiKey,
    key: typesOf(schema.keyFields),
    payload: typesOf(payload),
    vectors: vectorsOf(schema, indexes.vector),
    indexes: planPayloadIndexes(indexes.fts, attachments, all),
  };
}

/** The named vectors of an export. Those that no index is asked for are compared by cosine. */
export function vectorsOf(
  { valueFields }: TargetSchema,
  indexes: readonly VectorIndex[],
): Record<string, VectorState> {
  const fields = valueFields.filter(isVectorField);
  for (const { field } of indexes) {
    if (!fields.some(({ name }) => name === field)) {
      throw invalid(`the vector index of ${field} is over no vectors of fixed dimension`);
    }
  }
  return Object.fromEntries(
    fields.map((field) => {
      const asked = indexes.filter((index) => index.field === field.name);
      if (asked.length > 1) throw invalid(`${field.name} would have two vector indexes`);
      return [field.name, vectorStateOf(field, asked[0])];
    }),
  );
}

function vectorStateOf({ name, type }: FieldType, asked: VectorIndex | undefined): VectorState {
  const parsed = hnsw.safeParse(asked?.method ?? { kind: "hnsw" });
  if (!parsed.success) {
    throw invalid(
      `the vector index of ${name} has a method that it cannot have: ${z.prettifyError(parsed.error)}`,
    );
  }
  return {
    size: dimensionOf(type)!,
    distance: distances[asked?.metric ?? "cosine"],
    isMulti: type.kind === "list",
    m: parsed.data.m ?? 16,
    efConstruct: parsed.data.efConstruction ?? 100,
  };
}

/** What going from one state to the other means for the points. */
export function compareStates(previous: CollectionState, wanted: CollectionState): SetupVerdict {
  if (canonicalJson(previous) === canonicalJson(wanted)) return "unchanged";
  return canonicalJson(fixed(previous)) === canonicalJson(fixed(wanted)) ? "compatible" : "destructive";
}

/** What a collection has from its making. */
function fixed({ key, vectors }: Pick<CollectionState, "key" | "vectors">): unknown {
  const shapes = Object.entries(vectors).map(([name, { size, distance, isMulti }]) => [
    name,
    { size, distance, isMulti },
  ]);
  return { key, vectors: Object.fromEntries(shapes) };
}

function typesOf(fields: readonly FieldType[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, type }) => [name, typeSignature(type)]));
}

function checkNames({ keyFields, valueFields }: TargetSchema): void {
  const bad = [...keyFields, ...valueFields].find(({ name }) => name === "_sluice" || name === "");
  if (bad) throw invalid(`Qdrant can have no field ${JSON.stringify(bad.name)}: Sluice keeps its own there`);
}

function invalid(message: string): SluiceError {
  return new SluiceError("export-invalid", message, {
    hint: 'Vectors of fixed dimension, such as vector(384), have { kind: "hnsw", m, efConstruction } as their method.',
  });
}
