import { createHash } from "node:crypto";
import type { Mutation } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { type FieldType, fromJsonForm, toJsonForm } from "../../values/index.ts";
import type { VectorState } from "./collection-state.ts";

/** A row as fields by name. */
export type Fields = Readonly<Record<string, unknown>>;
export type RowMutation = Mutation<Fields, Fields>;
type Floats = Float32Array | Float64Array;

/** What points are made from. */
export interface PointShape {
  readonly keyFields: readonly FieldType[];
  readonly payloadFields: readonly FieldType[];
  readonly vectorFields: readonly FieldType[];
  readonly vectors: Readonly<Record<string, VectorState>>;
}

/** A point as Qdrant takes and gives it. */
export interface Point {
  readonly id: string | number;
  readonly vector: Readonly<Record<string, unknown>>;
  readonly payload: Fields;
}

/**
 * The id of a key's point. A key of one field that is a UUID or an integer from 0 on is its own id; of any other the id
 * is a UUID of version 8, made of the SHA-256 of the key as JSON.
 */
export function pointId(keyFields: readonly FieldType[], key: Fields): string | number {
  const [first, ...more] = keyFields;
  const only = more.length === 0 ? key[first!.name] : null;
  if (first!.type.kind === "uuid" && only !== null) return only as string;
  if (first!.type.kind === "int" && only !== null && (only as number) >= 0) return only as number;
  const text = JSON.stringify(keyFields.map(({ name, type }) => toJsonForm(type, key[name])));
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * The point of a row. Vectors that Qdrant does not give back as they were are also kept exactly, under `_sluice`.
 *
 * @throws SluiceError `mutate-failed`, for a vector with NaN or an infinity, which JSON cannot say
 */
export function toPoint(shape: PointShape, key: Fields, value: Fields): Point {
  const vector: Record<string, unknown> = {};
  const exact: Record<string, unknown> = {};
  for (const { name, type } of shape.vectorFields) {
    const given = value[name] as Floats | readonly Floats[] | null | undefined;
    if (given === null || given === undefined) continue;
    checkFinite(name, given);
    if (ArrayBuffer.isView(given) || given.length > 0) vector[name] = toJsonForm(type, given);
    if (!comesBack(shape.vectors[name]!, type)) exact[name] = packed(given);
  }
  const payload = {
    ...formsOf(shape.keyFields, key),
    ...formsOf(shape.payloadFields, value),
    ...(Object.keys(exact).length > 0 && { _sluice: exact }),
  };
  return { id: pointId(shape.keyFields, key), vector, payload };
}

/** The row of a point. */
export function fromPoint(
  shape: PointShape,
  { payload, vector }: Omit<Point, "id">,
): { key: Fields; value: Fields } {
  const exact = (payload._sluice ?? {}) as Fields;
  const vectors = shape.vectorFields.map(({ name, type, optional }) => {
    const held = vector[name] === undefined ? null : (fromJsonForm(type, vector[name]) as Floats | Floats[]);
    const kept = exact[name] === undefined ? null : unpacked(type, exact[name]);
    const value = kept !== null && agree(kept, held, shape.vectors[name]!) ? kept : held;
    return optional && value === null ? [] : [[name, value] as const];
  });
  const value = { ...valuesOf(shape.payloadFields, payload), ...Object.fromEntries(vectors.flat()) };
  return { key: valuesOf(shape.keyFields, payload), value };
}

function formsOf(fields: readonly FieldType[], struct: Fields): Fields {
  const present = fields.filter(({ name, optional }) => !(optional && struct[name] === undefined));
  return Object.fromEntries(present.map(({ name, type }) => [name, toJsonForm(type, struct[name])]));
}

function valuesOf(fields: readonly FieldType[], payload: Fields): Fields {
  const present = fields.filter(({ name, optional }) => !(optional && payload[name] === undefined));
  return Object.fromEntries(present.map(({ name, type }) => [name, fromJsonForm(type, payload[name])]));
}

function checkFinite(name: string, given: Floats | readonly Floats[]): void {
  const vectors = ArrayBuffer.isView(given) ? [given] : given;
  if (vectors.every((vector) => (vector as Float64Array).every(Number.isFinite))) return;
  throw new SluiceError("mutate-failed", `the vector ${name} has a number that is NaN or infinite`, {
    hint: "Qdrant takes finite numbers alone: see what made the vector.",
  });
}

/** Qdrant makes vectors that are compared by cosine one long, keeps 32 bits, and has no empty lists of vectors. */
function comesBack({ distance, isMulti }: VectorState, type: FieldType["type"]): boolean {
  return distance !== "Cosine" && !isMulti && type.kind === "vector" && type.element === "float32";
}

function packed(given: Floats | readonly Floats[]): string | string[] {
  if (!ArrayBuffer.isView(given)) return given.map((vector) => packed(vector) as string);
  return Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("base64");
}

function unpacked(type: FieldType["type"], kept: unknown): Floats | Floats[] {
  if (type.kind === "list") return (kept as unknown[]).map((part) => unpacked(type.element, part) as Floats);
  const bytes = Uint8Array.from(Buffer.from(kept as string, "base64"));
  const is64 = type.kind === "vector" && type.element === "float64";
  return is64 ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

/** Whether what Qdrant holds is what it makes of what was kept: others may have changed it. */
function agree(kept: Floats | Floats[], held: Floats | Floats[] | null, { distance }: VectorState): boolean {
  if (Array.isArray(kept)) {
    const parts = (held ?? []) as Floats[];
    return parts.length === kept.length && kept.every((part, i) => near(part, parts[i]!, distance));
  }
  return held !== null && near(kept, held as Floats, distance);
}

function near(kept: Floats, held: Floats, distance: VectorState["distance"]): boolean {
  const length = distance === "Cosine" ? Math.hypot(...kept) || 1 : 1;
  return (
    kept.length === held.length &&
    kept.every((number, i) => Math.abs(number / length - held[i]!) <= 1e-4 * Math.max(1, Math.abs(held[i]!)))
  );
}
