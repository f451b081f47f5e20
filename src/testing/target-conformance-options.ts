import type { z } from "zod";
import type { SchemaOutput, ValueSchema } from "../contracts/schema.ts";
import type { Json, SetupVerdict, TargetIndexes, TargetUse } from "../contracts/target.ts";
import type { ConformancePlace } from "./conformance-place.ts";
import type { ConformanceRow } from "./row-schema.ts";

/** A target of a kit: it must take what the kit's rows hold. */
export type TargetFor<K extends ValueSchema, V extends ValueSchema> = TargetUse<
  SchemaOutput<K>,
  SchemaOutput<V>
>;

/** What the suite must know of a target to test it. `K` and `V` are the schemas of the rows that it is tested with. */
export interface TargetConformanceOptions<
  K extends ValueSchema = ValueSchema,
  V extends z.ZodObject = z.ZodObject,
> {
  /**
   * The target at a place: what a flow would give to `export`. Other places mean other backends, the same place the
   * same one. Nothing is there yet.
   */
  target(place: ConformancePlace): TargetFor<K, V> | Promise<TargetFor<K, V>>;
  /**
   * The key of the rows: an object with the primary key fields, or a single value where the target takes bare keys.
   * The suite tries whatever the schema allows, so say in it what the target does not take: `z.string().max(200)`,
   * `.refine((text) => !text.includes("\0"))`.
   */
  readonly key: K;
  /** The value of the rows. What holds for `key` holds here. */
  readonly value: V;
  /** Rows to try beside those that the suite makes; needed where the suite cannot make any from the schemas. */
  readonly rows?: readonly ConformanceRow<K, V>[];
  /** The `n`-th of any number of different keys, where the suite cannot make them from `key`. */
  readonly numberedKey?: (n: number) => ConformanceRow<K, V>["key"];
  /**
   * The rows that are at a place now, or null where there is no backend. Looks at the outside system with another
   * client than the target does: what the target says of itself proves nothing.
   */
  readBack(
    place: ConformancePlace,
  ): readonly ConformanceRow<K, V>[] | null | Promise<readonly ConformanceRow<K, V>[] | null>;
  /** What the target declares. Cases are chosen by it, and it is compared with what the target says. */
  readonly capabilities?: {
    readonly atomic?: boolean;
    readonly fenced?: boolean;
    /** It has a `readBack` of its own. */
    readonly readBack?: boolean;
  };
  /** A row that fits the schema of the target and that the backend must refuse, such as one that is too long for it. */
  readonly refused?: ConformanceRow<ValueSchema, ValueSchema>;
  /** Changes of the target or of its schema, each with what it should mean. */
  readonly changes?: readonly TargetChange[];
  /** Something of others at a place, such as a file beside the target's own: removal must leave it. */
  readonly foreign?: {
    put(place: ConformancePlace): void | Promise<void>;
    isThere(place: ConformancePlace): boolean | Promise<boolean>;
  };
  readonly indexes?: Partial<TargetIndexes>;
  readonly attachments?: readonly Json[];
  /** Removes what a case may have left at a place; called for each place of a case when the case is over. */
  cleanUp?(place: ConformancePlace): void | Promise<void>;
  /** How many rows one large call carries. Default 2,000; an update may give up to 16,384. */
  readonly manyRows?: number;
  /** How long one call of the target may take. Default 30,000 ms. */
  readonly callTimeoutMs?: number;
  /** Where what is drawn at random begins. Default 1. */
  readonly seed?: number;
}

/** A change of a target that stays at its place. What is left out stays as it was. */
export interface TargetChange {
  /** What changes, in a few words: it names the case. */
  readonly name: string;
  /** What `compare` should say of it. */
  readonly verdict: SetupVerdict;
  /** The target with the changed spec. */
  target?(place: ConformancePlace): TargetUse<never, never> | Promise<TargetUse<never, never>>;
  /** The changed value schema. */
  readonly value?: z.ZodObject;
  readonly indexes?: Partial<TargetIndexes>;
  readonly attachments?: readonly Json[];
  /** Rows of the changed schema, where the suite cannot make any. */
  readonly rows?: readonly ConformanceRow<ValueSchema, ValueSchema>[];
  /** The rows that are there, in the changed schema, where `readBack` tells only of the former one. */
  readBack?(
    place: ConformancePlace,
  ):
    | readonly ConformanceRow<ValueSchema, ValueSchema>[]
    | null
    | Promise<readonly ConformanceRow<ValueSchema, ValueSchema>[] | null>;
}
