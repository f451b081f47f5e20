import type { Inputs, Transformation } from "../contracts/function.ts";
import type { SchemaInput, ValueSchema } from "../contracts/schema.ts";
import type { Problem, Synchronous } from "./problem.ts";
import type { ReservedName } from "./reserved-names.ts";
import type { IsAny, IsStruct, IsTable, IsUnion, Mutable, NullIn, Present, RowIn } from "./shape-of-type.ts";

declare const valueOfSlice: unique symbol;

/**
 * A typed reference to data that will exist when the flow runs. It holds no data: what is to be done with the
 * data is said with `transform`.
 *
 * @example
 * function titled(text: Slice<string>): Slice<string> {
 *   return text.transform(markdownToHtml);
 * }
 */
export interface Slice<out T> {
  readonly [valueOfSlice]: T;
  /**
   * Calls a function, or a transform flow, with this slice. The slice fills the one required input that the named arguments leave
   * open, or the last input left where none is required. A null given to an input that is not nullable skips
   * the call, and the result is null.
   *
   * @example
   * const chunks = doc.content.transform(split({ size: 500 }), { language: doc.language, overlap: 50 });
   *
   * @throws SluiceError `argument-invalid`, `scope-invalid`
   */
  transform<I extends Inputs, Result, const A extends object = NoArguments>(
    fn: Transformation<I, Result> & Fits<T, I, NoInfer<A>>,
    given?: A & NamesOf<I> & Checked<I, A>,
  ): SliceOf<Result | SkippedByNull<T, I, A>>;
}

/**
 * A slice of rows: a table inside a value, or the rows of a source. `Null` is `null` where the table may be
 * missing, which counts as a table without rows.
 */
export interface TableSlice<R, Null extends null = never, Rows extends R[] = R[]> extends Slice<Rows | Null> {
  /**
   * Says what to do for each row. The body runs once, when the flow is defined, with a scope that stands for
   * any row; it cannot be async.
   *
   * @example
   * chunks.forEachRow((chunk) => {
   *   pages.collect({ filename: doc.filename, location: chunk.location, text: chunk.text });
   * });
   *
   * @throws SluiceError `scope-invalid`, `option-invalid`
   */
  forEachRow<Result>(
    body: (row: RowScope<R>) => Result & Synchronous<Result>,
    options?: ForEachRowOptions,
  ): void;
}

/** The rows of a source. They are never together in one place, so no function takes them: use `forEachRow`. */
export type SourceSlice<R> = TableSlice<R, never, R[] & SourceRows>;

declare const rowsOfSource: unique symbol;
interface SourceRows {
  readonly [rowsOfSource]: true;
}

/** Limits of one `forEachRow`. */
export interface ForEachRowOptions {
  /** How many rows may be in work at once. */
  readonly maxInflightRows?: number;
  /** How many bytes the rows in work may hold together. */
  readonly maxInflightBytes?: number;
}

/** A struct's slice: its fields are properties; a field that may be absent, or whose struct may be null, is nullable. */
export type StructSlice<T, Null extends null = never> = Slice<T | Null> & FieldsOf<T, Null>;

type FieldsOf<T, Null extends null> = {
  readonly [K in Exclude<FieldName<T>, ReservedName>]: SliceOf<T[K] | Null>;
} & FieldAccess<T, Null>;

interface FieldAccess<T, Null extends null> {
  /**
   * The field of this name. The same as the property of that name, and the way to a field whose name a
   * property cannot have, such as `transform`.
   *
   * @example
   * const rule = doc.field("transform");
   *
   * @throws SluiceError `field-unknown`
   */
  field<K extends FieldName<T>>(name: K): SliceOf<T[K] | Null>;
}

/** The slices of one row: each field as a property. */
export type RowScope<R> = FieldsOf<R, never> & RowNaming<R>;

interface RowNaming<R> {
  /**
   * Names a derived field, for show, evaluate, failures and explanations, and returns the slice. The name must
   * be new in its scope.
   *
   * @example
   * const html = doc.set("html", doc.content.transform(markdownToHtml));
   *
   * @throws SluiceError `name-invalid`, `name-duplicate`, `scope-invalid`
   */
  set<N extends string, S extends Slice<unknown>>(name: N & NewName<R, N>, slice: S): S;
}

type NewName<R, N> = N extends keyof R ? Problem<["the row has a field of this name already", N]> : unknown;

/** The slice of a value of this type: with fields for a struct, with `forEachRow` for a table. */
export type SliceOf<T> = IsAny<T> extends true ? Slice<T> : SliceOfPresent<Present<T>, NullIn<T>>;

type SliceOfPresent<T, Null extends null> = [T] extends [never]
  ? Slice<Null>
  : IsStruct<T> extends true
    ? StructSlice<T, Null>
    : IsTable<T> extends true
      ? TableSlice<RowIn<T>, Null>
      : Slice<T | Null>;

type FieldName<T> = keyof T & string;

type NoArguments = Readonly<Record<never, never>>;
/** Lets editors propose the names. */
type NamesOf<I extends Inputs> = { readonly [K in keyof I]?: unknown };

/** Inputs that must be given: not optional, no default. */
type RequiredInput<I extends Inputs> = {
  [K in keyof I]-?: undefined extends SchemaInput<I[K]> ? never : K;
}[keyof I];

/** Named arguments that count as given. */
type Named<A> = { [K in keyof A]-?: undefined extends A[K] ? never : K }[keyof A];

/**
 * Checks the arguments one by one. As a constraint of `A` the same check would make the compiler forget which
 * names were given, and complain of the wrong thing.
 */
type Checked<I extends Inputs, A> = {
  readonly [K in keyof A]: K extends keyof I
    ? IsTaken<A[K], SchemaInput<I[K]>> extends true
      ? unknown
      : Problem<
          [
            `input ${K & string} takes another type`,
            { readonly given: A[K]; readonly input: SchemaInput<I[K]> },
          ]
        >
    : Problem<["the function has no input of this name, but", Listed<keyof I>]>;
};

/** A slice, whose null skips the call, or a constant, which was inferred `as const`. */
type IsTaken<Value, Input> = [Value] extends [Input | Slice<Present<Input> | null>]
  ? true
  : [Exclude<Value, Slice<unknown>>] extends [never]
    ? false
    : [Mutable<Exclude<Value, Slice<unknown>>>] extends [Input]
      ? [Extract<Value, Slice<unknown>>] extends [Slice<Present<Input> | null>]
        ? true
        : false
      : false;

/** The input that the slice fills, or why there is none. */
type Filled<I extends Inputs, A> = [Exclude<RequiredInput<I>, Named<A>>] extends [never]
  ? Last<Exclude<keyof I, Named<A>>>
  : One<Exclude<RequiredInput<I>, Named<A>>>;
type Last<Name> = [Name] extends [never]
  ? Problem<"no input is left for the slice: every one is given by name">
  : One<Name>;
type One<Name> =
  IsUnion<Name> extends true
    ? Problem<["several inputs are open: name all but one of them", Listed<Name>]>
    : Name;

/** What makes a function fit for a slice. */
type Fits<T, I extends Inputs, A> = Filled<I, A> extends keyof I ? Takes<T, I, Filled<I, A>> : Filled<I, A>;
type Takes<T, I extends Inputs, K extends keyof I> = [IsAny<T>, T] extends [false, SourceRows]
  ? Problem<"the rows of a source are no value: go through them with forEachRow">
  : [Present<T>] extends [SchemaInput<I[K]>]
    ? unknown
    : Problem<
        [
          `input ${K & string} takes another type than the slice has`,
          { readonly slice: Present<T>; readonly input: SchemaInput<I[K]> },
        ]
      >;

/** Null where an argument that may be null is given to an input that takes none. */
type SkippedByNull<T, I extends Inputs, A> =
  | (Filled<I, A> extends keyof I ? NullSkips<T, I[Filled<I, A>]> : never)
  | { [K in keyof A & keyof I]: GivenNullSkips<A[K], I[K]> }[keyof A & keyof I];
type GivenNullSkips<Value, S extends ValueSchema> = Value extends Slice<infer T> ? NullSkips<T, S> : never;
type NullSkips<T, S extends ValueSchema> =
  IsAny<T> extends true
    ? never
    : [NullIn<T>] extends [never]
      ? never
      : null extends SchemaInput<S>
        ? never
        : null;

/** The same names, spelled out in messages. */
type Listed<Name> = `${Name & string}`;
