import type { Clock } from "../kernel/clock.ts";
import type { TimeSpan } from "../kernel/time-span.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "./schema.ts";
import type { SourceNames, SourceSetup, SourceSetupContext, SourceSetupDefinition } from "./source-setup.ts";
import type { Json } from "./target.ts";

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
export interface SourceContext extends SourceNames {
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

/** What a source says when a row has changed. */
export interface ChangeEvent<K, V> {
  readonly key: K;
  /**
   * The row is gone, and the source knows it. Left out where it is there, or where nobody knows: the row is then
   * read, and gone if `getValue` says so.
   */
  readonly deleted?: boolean;
  /**
   * An ever-growing number, such as a log position. A change whose ordinal is lower than what is known of the row is
   * not taken as it is: the row is read again.
   */
  readonly ordinal?: number | bigint;
  /** An opaque token that changes whenever the value may have changed, such as an ETag. */
  readonly contentVersion?: string | Uint8Array;
  /** The value after the change, where the source has it at hand; `getValue` is then not called. */
  readonly value?: V;
  /**
   * Called once, when what the change asks for is durable: it has landed, a later change of the same row has, or its
   * failure is on record. Never called for a change whose update was stopped before: the source is to yield it
   * again. What it throws is reported and stops nothing.
   */
  acknowledge?(): void | Promise<void>;
}

/** What `watch` may use. */
export interface WatchOptions {
  /** Aborts when the source is to be watched no more; whatever `watch` opened is closed by then or soon after. */
  readonly signal: AbortSignal;
  /** Says that no change is missed from now on. The source is listed after that, so that nothing falls between. */
  armed(): void;
  /** A sign of life, where there is nothing to yield. */
  alive(): void;
  /** Says that changes may have been missed, and why: the source is listed again. Null: nothing speaks for it but caution. */
  missed(reason: string | null): void;
  /**
   * Says that changes of some rows are not noticed for now, and why; null: all are again. Until then the source is
   * listed now and then, and once more after that.
   */
  degraded(reason: unknown): void;
}

/** What users write to make a source. */
export interface SourceConfig<
  S extends ValueSchema,
  K extends KeySchema,
  V extends ValueSchema,
  C,
  State = Json,
> {
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
  /**
   * Yields changes as they come, in arrays of any length, until its signal aborts; live updates use it. It calls
   * `armed` once it listens. One that ends, throws, or gives no sign of life within `watchHeartbeat` is given up,
   * started again after a while, and the source is listed. Which changes it yields for what happened while it was
   * not armed does not matter.
   */
  watch?(
    connection: NoInfer<C>,
    options: WatchOptions,
  ): AsyncIterable<readonly ChangeEvent<SchemaOutput<K>, SchemaInput<V>>[]>;
  /** Whether a source with this spec is to be watched; left out, each is. */
  watches?(spec: SchemaOutput<S>): boolean;
  /**
   * How often `watch` gives a sign of life at the least: yields, if only an empty array, or calls `alive`. Default ten
   * minutes, so a watcher that never calls it is started anew that often while nothing changes.
   */
  readonly watchHeartbeat?: TimeSpan;
  /** Closes what `create` opened. */
  close?(connection: NoInfer<C>): void | Promise<void>;
  /** What it needs in the outside system beside its rows, for setup to make and drop to remove. */
  readonly setup?: SourceSetup<SchemaOutput<S>, State>;
  /**
   * Throws where what the spec says does not fit the outside system, such as a column that is not there. Called before
   * setup changes anything; changes nothing itself.
   */
  check?(spec: SchemaOutput<S>, context: SourceSetupContext): void | Promise<void>;
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
  /** Null where sources of this kind cannot be watched. */
  readonly watch:
    | ((
        connection: unknown,
        options: WatchOptions,
      ) => AsyncIterable<readonly ChangeEvent<unknown, unknown>[]>)
    | null;
  watches(spec: unknown): boolean;
  readonly watchHeartbeatMs: number;
  close(connection: unknown): void | Promise<void>;
  /** Null where sources of this kind need nothing beside their rows. */
  readonly setup: SourceSetupDefinition | null;
  check(spec: unknown, context: SourceSetupContext): void | Promise<void>;
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
