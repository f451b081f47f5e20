import type { GeneratedUuid } from "./flow-definition.ts";
import { handleOf } from "./slice-node.ts";

const marker = Symbol.for("sluice.generatedUuid");

/**
 * An id for a collected entry, for a string or uuid field. It stays the same while the other values of the entry
 * and the key of the source row stay: a UUIDv8 of flow, collector, source key, the other values, and a number
 * where several entries of one row are equal. Nothing is stored for it.
 *
 * @example
 * chunks.collect({ id: generatedUuid(), filename: doc.filename, text: chunk.text });
 */
export function generatedUuid(): GeneratedUuid {
  return Object.freeze({ kind: "generatedUuid", [marker]: true });
}

/** Recognises what `generatedUuid` of any copy of the package made. */
export function isGeneratedUuid(value: unknown): value is GeneratedUuid {
  return typeof value === "object" && value !== null && handleOf(value) === null && marker in value;
}
