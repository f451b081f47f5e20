import type { z } from "zod";
import type { SchemaInput, ValueSchema } from "../contracts/schema.ts";
import type { SourceUse } from "../contracts/source.ts";
import type { ConformancePlace } from "./conformance-place.ts";
import type { ConformanceRow } from "./row-schema.ts";

/** What the suite must know of a source to test it. `K` and `V` are the schemas of the rows that it is tested with. */
export interface SourceConformanceOptions<
  K extends ValueSchema = ValueSchema,
  V extends z.ZodObject = z.ZodObject,
> {
  /**
   * The source at a place: what a flow would give to `addSource`. Other places mean other rows, the same place the
   * same ones. Where it is watched only if its spec says so, and `capabilities` say that it is, the spec says so.
   */
  source(place: ConformancePlace): SourceUse<unknown> | Promise<SourceUse<unknown>>;
  /**
   * The key of the rows, in the form that the source gives it. The suite tries whatever the schema allows, so say in
   * it what cannot be written outside: `z.string().max(200)`, `.refine((text) => !text.includes("\0"))`.
   */
  readonly key: K;
  /** The value of the rows. What holds for `key` holds here. */
  readonly value: V;
  /** Rows to try beside those that the suite makes; needed where the suite cannot make any from the schemas. */
  readonly rows?: readonly ConformanceRow<K, V>[];
  /** The `n`-th of any number of different keys, where the suite cannot make them from `key`. */
  readonly numberedKey?: (n: number) => ConformanceRow<K, V>["key"];
  /** What the source declares. Cases are chosen by it, and it is compared with what the source says and lists. */
  readonly capabilities?: {
    readonly ordered?: boolean;
    readonly providesOrdinal?: boolean;
    /** Every entry of a listing has a `contentVersion`. */
    readonly versions?: boolean;
    /** Every entry of a listing has the `value`. */
    readonly listsValues?: boolean;
    /** It can be watched. */
    readonly watches?: boolean;
    /** Its `watchHeartbeat` is 5 s or less. A longer one is not waited for. */
    readonly heartbeats?: boolean;
    /** A change that was told and not acknowledged is told again by the next watcher. */
    readonly redelivers?: boolean;
    /** It needs something in the outside system beside its rows, which setup makes: it has `setup`. */
    readonly setsUp?: boolean;
  };
  /** How the suite changes what the source reads, by another way than the source does. */
  readonly outside: SourceOutside<K, V>;
  /** Removes what a case may have left at a place; called for each place of a case when the case is over. */
  cleanUp?(place: ConformancePlace): void | Promise<void>;
  /** How many rows a large listing has. Default 1,100: many systems list a thousand at once. */
  readonly manyRows?: number;
  /** How long one call of the source may take. Default 30,000 ms. */
  readonly callTimeoutMs?: number;
  /** How long a watcher may take to listen, to tell of a change, and to end. Default 30,000 ms. */
  readonly watchTimeoutMs?: number;
  /** Where what is drawn at random begins. Default 1. */
  readonly seed?: number;
}

/** The system that a source reads, in the hands of the suite. */
export interface SourceOutside<K extends ValueSchema, V extends ValueSchema> {
  /** Makes the source, without a row. */
  create?(place: ConformancePlace): void | Promise<void>;
  /** Makes a row, or gives it another value. */
  write(place: ConformancePlace, key: SchemaInput<K>, value: SchemaInput<V>): void | Promise<void>;
  /** Removes a row that is there. */
  remove(place: ConformancePlace, key: SchemaInput<K>): void | Promise<void>;
  /** Writes a row again as it is, so that its version may be another while its value is the same. */
  touch?(place: ConformancePlace, key: SchemaInput<K>): void | Promise<void>;
  /** Gives a row another key, where that is one act. */
  rename?(place: ConformancePlace, from: SchemaInput<K>, to: SchemaInput<K>): void | Promise<void>;
  /**
   * Changes something beside the rows that a watcher may notice and that is no row of the source, such as a file that
   * no pattern includes.
   */
  writeForeign?(place: ConformancePlace): void | Promise<void>;
  /**
   * Names what is there for sources of the kind beside the rows, such as triggers: what `setup` of the source makes
   * and removes.
   */
  needs?(place: ConformancePlace): readonly string[] | Promise<readonly string[]>;
  /**
   * Returns when the source trusts the versions of all that was written so far, where it does not at once: versions
   * made of times say nothing of what changes within a tick of their clock.
   */
  settle?(place: ConformancePlace): void | Promise<void>;
  /** Makes a part of the source unreadable, at least one row of it. Resolves to what makes it readable again. */
  makeUnreadable?(place: ConformancePlace): Restore | Promise<Restore>;
  /** Takes the whole source away, as a server that is down or a volume that is not mounted. */
  makeUnreachable?(place: ConformancePlace): Restore | Promise<Restore>;
}

/** Undoes what was done to a source. */
export type Restore = () => void | Promise<void>;
