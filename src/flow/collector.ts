import type { FtsIndex, Json, TargetUse, VectorIndex } from "../contracts/target.ts";
import type { Uuid } from "../values/index.ts";
import type { GeneratedUuid } from "./flow-definition.ts";
import type { Problem } from "./problem.ts";
import type { IsStruct, IsUnion, Present } from "./shape-of-type.ts";
import type { Slice } from "./slice.ts";

/**
 * Gathers entries from any scope of the flow, and is exported to targets. `Row` says what an entry holds.
 *
 * @example
 * const pages = flow.addCollector<{ filename: string; html: string }>();
 * documents.forEachRow((doc) => {
 *   pages.collect({ filename: doc.filename, html: doc.content.transform(markdownToHtml) });
 * });
 * pages.export("Pages", htmlFiles({ directory: "out" }), { primaryKeyFields: ["filename"] });
 */
export interface Collector<Row> {
  /**
   * Adds an entry for each row of the innermost running `forEachRow`. Every entry of a collector has the same
   * fields; each is a slice, a constant, or `generatedUuid()`.
   *
   * @throws SluiceError `collect-invalid`, `scope-invalid`
   */
  collect(entry: Entry<Row>): void;
  /**
   * Binds the collector to a target. One collector may be exported to several.
   *
   * @throws SluiceError `export-invalid`, `key-invalid`, `field-unknown`, `name-invalid`, `name-duplicate`,
   * `scope-invalid`
   */
  export<K, V, const P extends FieldName<Row>>(
    name: string,
    target: TargetUse<K, V> & Accepts<Row, K, V, NoInfer<P>>,
    options: ExportOptions<Row, P>,
  ): void;
}

/** How a collector is kept in a target. */
export interface ExportOptions<Row, P extends FieldName<Row> = FieldName<Row>> {
  /** The fields that identify a target row. */
  readonly primaryKeyFields: readonly [P, ...P[]];
  /** Indexes for search by nearness, over vector fields. */
  readonly vectorIndexes?: readonly VectorIndexOf<Row>[];
  /** Indexes for search by words, over string fields. */
  readonly ftsIndexes?: readonly FtsIndexOf<Row>[];
  /** Extra things that belong to the target, such as SQL statements; what they mean is the target's matter. */
  readonly attachments?: readonly Json[];
  /** True where the backend is made and altered by others: Sluice only writes rows. */
  readonly setupByUser?: boolean;
  /**
   * What happens when two entries have one key. "first", the default: the least of source name, row key and place in
   * the row counts, whatever order they came in. "error": a row fails that has it twice, or that is not the least.
   */
  readonly onDuplicateKey?: "first" | "error";
  /** The export's name until now: it keeps its backend and its rows under the new one. */
  readonly renamedFrom?: string;
}

/** A vector index on a vector field of the collector. */
export type VectorIndexOf<Row> = VectorIndex & {
  readonly field: OrProblem<
    FieldOf<Row, Float32Array | Float64Array>,
    Problem<"the collector has no vector field">
  >;
};

/** A full-text index on a string field of the collector. */
export type FtsIndexOf<Row> = FtsIndex & {
  readonly field: OrProblem<FieldOf<Row, string>, Problem<"the collector has no string field">>;
};

type FieldName<Row> = keyof Row & string;
type OrProblem<T, P> = [T] extends [never] ? P : T;
type FieldOf<Row, T> = {
  [K in FieldName<Row>]: [Present<Row[K]>] extends [T] ? K : never;
}[FieldName<Row>];

/** What `collect` takes: for each field of the row a slice, a constant, or `generatedUuid()` where an id fits. */
export type Entry<Row> = [Row] extends [never]
  ? Problem<"say what the collector holds: flow.addCollector<{ id: string; … }>()">
  : { readonly [K in keyof Row]-?: FieldEntry<Exclude<Row[K], undefined>> };
type FieldEntry<T> = Slice<T> | T | (Uuid extends T ? GeneratedUuid : never);

/** What makes a target fit for a collector and primary key: exactly the fields that it takes, in types that it takes. */
type Accepts<Row, K, V, P extends keyof Row> = NeverNull<Row, P> &
  AcceptsKey<Row, K, P> &
  AcceptsValue<Row, V, P>;

type NeverNull<Row, P extends keyof Row> = [NullField<Row, P>] extends [never]
  ? unknown
  : Problem<["a primary key field is never null", NullField<Row, P>]>;
type NullField<Row, P extends keyof Row> = P extends unknown ? (null extends Row[P] ? P : never) : never;

type AcceptsKey<Row, K, P extends keyof Row> = unknown extends K
  ? unknown
  : IsStruct<K> extends true
    ? SameFields<"primary key", Pick<Row, P>, K>
    : AcceptsSingleKey<Row, K, P>;
type AcceptsSingleKey<Row, K, P extends keyof Row> =
  IsUnion<P> extends true
    ? Problem<["the target's key is a single value: name one primary key field", P]>
    : [Row[P]] extends [K]
      ? unknown
      : Problem<["the primary key field has another type than the target's key", OtherType<Row[P], K>]>;
type AcceptsValue<Row, V, P extends keyof Row> = unknown extends V
  ? unknown
  : SameFields<"value", Omit<Row, P>, V>;

type SameFields<Part extends string, From, To> = [Exclude<RequiredField<To>, keyof From>] extends [never]
  ? [Exclude<keyof From, keyof To>] extends [never]
    ? SameTypes<Part, From, To>
    : Problem<[`the target's ${Part} has no such fields`, Exclude<keyof From, keyof To>]>
  : Problem<[`the target's ${Part} needs more fields`, Exclude<RequiredField<To>, keyof From>]>;
type SameTypes<Part extends string, From, To> = [Misfit<From, To>] extends [never]
  ? unknown
  : Problem<[`fields of the target's ${Part} have another type`, Misfits<From, To>]>;
type Misfit<From, To> = {
  [F in keyof From & keyof To]-?: [From[F]] extends [To[F]] ? never : F;
}[keyof From & keyof To];
type Misfits<From, To> = { [F in Misfit<From, To> & keyof From & keyof To]: OtherType<From[F], To[F]> };
type OtherType<From, To> = { readonly collected: From; readonly target: To };
type RequiredField<T> = {
  [F in FieldName<T>]-?: Record<never, never> extends Pick<T, F> ? never : F;
}[FieldName<T>];
