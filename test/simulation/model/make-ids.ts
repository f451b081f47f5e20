import { generatedUuid } from "../../../src/engine/generated-uuid.ts";
import { keyCodec, typeOfSchema, type ValueType, valueCodec } from "../../../src/values/index.ts";
import type { BookShape, Key } from "../case.ts";
import { flowName } from "../flow-shape.ts";
import { sourceKey } from "../world/books.ts";
import { keySchemaOf } from "../world/simulated-source.ts";
import type { CollectorSchema } from "./collector-schema.ts";
import { type FieldValue, uuid } from "./evaluate-row.ts";

/** What ids of a row's entries in one collector are made from. */
export interface IdSource {
  readonly source: string;
  readonly book: BookShape;
  readonly key: Key;
  /** What the flow calls the collector: the name of its first export. */
  readonly collector: string;
  readonly schema: CollectorSchema;
}

/**
 * Fills in the ids of a row's entries. The digest and its encodings are the engine's own, which have tests of their
 * own; what goes into it is not.
 */
export class IdMaker {
  readonly #from: IdSource;
  readonly #seen = new Map<string, number>();

  constructor(from: IdSource) {
    this.#from = from;
  }

  fill(fields: Readonly<Record<string, FieldValue>>): Record<string, string | null> {
    const { source, book, key, collector, schema } = this.#from;
    const ids = schema.filter(({ kind }) => kind === "uuid");
    if (ids.length === 0) return fields as Record<string, string | null>;
    const plain = schema.filter(({ kind }) => kind !== "uuid");
    const values = Object.fromEntries(plain.map(({ name }) => [name, fields[name]]));
    const name = JSON.stringify(values);
    const nth = this.#seen.get(name) ?? 0;
    this.#seen.set(name, nth + 1);
    const seed = {
      flow: flowName,
      source,
      collector,
      nth,
      rowKey: encodeKey(book, key),
      others: encode(plain, values),
    };
    const filled = Object.entries(fields).map(([field, value]) => [
      field,
      value === uuid ? generatedUuid({ ...seed, field }) : value,
    ]);
    return Object.fromEntries(filled);
  }
}

/** The encoding that a row is stored under. */
export function encodeKey(book: BookShape, key: Key): Uint8Array {
  return keyCodec(typeOfSchema(keySchemaOf(book), "a key")).encode(sourceKey(book, key));
}

function encode(schema: CollectorSchema, values: Readonly<Record<string, unknown>>): Uint8Array {
  const fields = schema.map(({ name, kind }) => ({
    name,
    type: { kind: "string", nullable: kind === "nullable text" } as ValueType,
    optional: false,
  }));
  return valueCodec({ kind: "struct", nullable: false, fields }).encode(values);
}
