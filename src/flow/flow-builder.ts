import type { SourceUse } from "../contracts/source.ts";
import type { TimeSpan } from "../kernel/time-span.ts";
import type { Collector } from "./collector.ts";
import type { SourceSlice } from "./slice.ts";

/** What the body of `defineFlow` builds its flow with. It can be used until the body returns. */
export interface FlowBuilder {
  /**
   * Adds a source and returns the slice of its rows.
   *
   * @example
   * const documents = flow.addSource("documents", localFiles({ path: "data" }), { refreshInterval: "5s" });
   *
   * @throws SluiceError `name-invalid`, `name-duplicate`, `option-invalid`, `schema-unsupported`, `key-invalid`,
   * `scope-invalid`
   */
  addSource<R>(name: string, source: SourceUse<R>, options?: AddSourceOptions): SourceSlice<R>;
  /**
   * Adds a collector of entries with the fields of `Row`. Until it is exported, only `evaluate` shows its entries.
   *
   * @example
   * const pages = flow.addCollector<{ filename: string; html: string }>();
   */
  addCollector<Row extends object = never>(): Collector<Row>;
}

/** How a source is read. */
export interface AddSourceOptions {
  /** How often a live update lists the source again: `"5s"`, `"1h30m"`, or milliseconds. Left out, never. */
  readonly refreshInterval?: TimeSpan;
  /** How many rows may be in work at once. */
  readonly maxInflightRows?: number;
  /** How many bytes the rows in work may hold together. */
  readonly maxInflightBytes?: number;
  /** The source's name until now: its rows are known under the new one, and none is processed again. */
  readonly renamedFrom?: string;
}
