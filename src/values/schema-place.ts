import { SluiceError } from "../errors/index.ts";
import type { SchemaMark } from "./schema-mark.ts";

/** Any Zod 4 schema, by its shape: there may be more than one copy of Zod in a process, and `zod/mini` too. */
export interface SchemaLike {
  readonly _zod: { readonly def: { readonly type: string } };
}

/** The definition of a schema, in which every kind of schema has properties of its own. */
export type SchemaDef = SchemaMark & { readonly type: string; readonly [property: string]: unknown };

export function defOf(schema: unknown): SchemaDef {
  return (schema as { _zod: { def: SchemaDef } })._zod.def;
}

/** Where in a schema the walk is, and what it is in the middle of. */
export interface SchemaPlace {
  /** What the schema is for, such as `output of function embed`. */
  readonly what: string;
  /** Such as `.chunks[].text`. */
  readonly path: string;
  /** The definitions around, from the outermost to this one's parent. */
  readonly around: readonly SchemaDef[];
}

/** The place of a part of the schema `def`, `segment` further inside. */
export function within(place: SchemaPlace, def: SchemaDef, segment = ""): SchemaPlace {
  return { what: place.what, path: place.path + segment, around: [...place.around, def] };
}

/** The error for a schema that has no Sluice type. */
export function unsupported(place: SchemaPlace, problem: string, hint: string): SluiceError {
  const at = place.path === "" ? "" : `, at ${place.path.replace(/^\./, "")}`;
  return new SluiceError("schema-unsupported", `${place.what}${at}: ${problem}.`, { hint });
}
