import type { Inputs } from "../contracts/function.ts";
import type { SchemaInput, SchemaOutput } from "../contracts/schema.ts";
import type { IsUnion } from "./shape-of-type.ts";
import type { Slice, SliceOf } from "./slice.ts";

/** What the body of a transform flow is given: a slice for each input. */
export type InputSlices<I extends Inputs> = { readonly [K in keyof I]: SliceOf<SchemaOutput<I[K]>> };

/** The value that a slice stands for. */
export type ValueOf<S> = S extends Slice<infer T> ? T : never;

/**
 * What one evaluation of a transform flow is given: of one input its value, of several an object of them by name, in
 * which those with a default may be left out.
 */
export type TransformInput<I extends Inputs> =
  IsUnion<keyof I> extends true ? NamedInputs<I> : SchemaInput<I[keyof I]>;

type NamedInputs<I extends Inputs> = {
  readonly [K in keyof I as undefined extends SchemaInput<I[K]> ? never : K]: SchemaInput<I[K]>;
} & {
  readonly [K in keyof I as undefined extends SchemaInput<I[K]> ? K : never]?: SchemaInput<I[K]>;
};
