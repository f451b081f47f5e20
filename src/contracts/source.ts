import type { Clock } from "../kernel/clock.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "./schema.ts";

/**
 * The key of a source: a struct whose fields become fields of the row, or a single value, which becomes the
 * field `key`.
 */
export type KeySchema = ValueSchema;

type KeyFields<K> =
  K extends Readonly<Record<string, unknown>>
    ? K extends string | Uint8Array
      ? { readonly key: K }
      : K
    : { readonly key: K };

/** A row as the flow sees it: the fields of its key and of its value. */
export type RowOf<K, V> = KeyFields<K> & (string extends keyof V ? unknown : V);

/** What a listing says of one row. */
export interface SourceEntry<K, V> {
  readonly key: K;
  /** An ever-growing number, such as an update time or a log position. */
  readonly ordinal?: number | bigint;
  /** An opaque token that changes whenever the value may have changed, such as an ETag. */
  readonly contentVersion?: string | Uint8Array;
  /** The value itself, where listing yields it at no further cost; `getValue` is then not called. */
  readonly value?: V;
}

/** What reading one row yields. The versions are those that belong to this very value. */
export interface SourceValue<V> {
  readonly value: V;
  readonly ordinal?: number | bigint;
  /** Left out when the value may change again without its version changing: the row is then read again next time. */
  readonly contentVersion?: string | Uint8Array;
}

/** What a source may use when it is opened. */
export interface SourceContext {
  /** The absolute directory that relative paths of a spec resolve against. */
  readonly appDirectory: string;
  readonly clock: Clock;
}

/** What `list` may use. */
export interface ListOptions {
  readonly signal: AbortSignal;
  /**
   * Says that part of the source could not be listed. What was listed is processed, nothing is deleted, and
   * the update reports the reason. A listing that throws is incomplete too.
   */
  incomplete(reason: unknown): void;
}

/** What `getValue` may use. */
export interface ReadOptions {
  readonly signal: AbortSignal;
}

/** What users write to make a source. */
export interface SourceConfig<S extends ValueSchema, K extends KeySchema, V extends ValueSchema, C> {
  /** Names the kind of source, unique among the sources of a process. */
  readonly kind: string;
  readonly spec: S;
  readonly key: K;
  /** A struct: its fields become fields of the row. */
  readonly value: V;
  /** Bump it when the same spec comes to mean other values; every row is then processed again. */
  readonly version?: number | string;
  /** True where `ordinal` is given for each entry. */
  readonly providesOrdinal?: boolean;
  /**
   * True where `list` yields entries in ascending order of their encoded keys: strings by their UTF-8 bytes,
   * numbers by value, structs field by field. Saves memory; a listing out of order is an error.
   */
  readonly ordered?: boolean;
  /** The part of the spec that the values depend on; the whole spec where it is left out. */
  valueSpec?(spec: SchemaOutput<S>): unknown;
  /** Opens the source: once per update, before anything else. Its result is what the other methods get. */
  create?(spec: SchemaOutput<S>, context: SourceContext): C | Promise<C>;
  /** Yields every row of the source, in arrays of any length. */
  list(
    connection: NoInfer<C>,
    options: ListOptions,
  ):
    | AsyncIterable<readonly SourceEntry<SchemaOutput<K>, SchemaInput<V>>[]>
    | Iterable<readonly SourceEntry<SchemaOutput<K>, SchemaInput<V>>[]>;
  /** The row's value now; null when the row is gone. Throws when it cannot be read. */
  getValue(
    connection: NoInfer<C>,
    key: SchemaOutput<K>,
    options: ReadOptions,
  ): Promise<SourceValue<SchemaInput<V>> | null> | SourceValue<SchemaInput<V>> | null;
  /** Closes what `create` opened. */
  close?(connection: NoInfer<C>): void | Promise<void>;
}

/** A source without its types, as the engine sees it. */
export interface SourceDefinition {
  readonly kind: string;
  readonly spec: ValueSchema;
  readonly key: KeySchema;
  readonly value: ValueSchema;
  readonly version: number | string | null;
  readonly providesOrdinal: boolean;
  readonly ordered: boolean;
  valueSpec(spec: unknown): unknown;
  create(spec: unknown, context: SourceContext): unknown;
  list(
    connection: unknown,
    options: ListOptions,
  ):
    | AsyncIterable<readonly SourceEntry<unknown, unknown>[]>
    | Iterable<readonly SourceEntry<unknown, unknown>[]>;
  getValue(
    connection: unknown,
    key: unknown,
    options: ReadOptions,
  ): Promise<SourceValue<unknown> | null> | SourceValue<unknown> | null;
  close(connection: unknown): void | Promise<void>;
}

declare const rowType: unique symbol;

/** A source as a flow uses it: its definition and the spec given. `Row` is what `forEachRow` sees. */
export interface SourceUse<Row> {
  readonly kind: "source-use";
  readonly definition: SourceDefinition;
  /** The parsed spec. */
  readonly spec: unknown;
  readonly [rowType]?: Row;
}
