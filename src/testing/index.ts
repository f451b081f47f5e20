export {
  MemoryState,
  type MemoryStore,
  type MemoryStoreOptions,
  openMemoryStore,
} from "../stores/memory/index.ts";
export type { ConformancePlace } from "./conformance-place.ts";
export type { ConformanceCase, ConformanceSuite, LeftOutCase } from "./conformance-suite.ts";
export type { ConformanceRow } from "./row-schema.ts";
export { sourceConformance } from "./source-conformance.ts";
export type { Restore, SourceConformanceOptions, SourceOutside } from "./source-conformance-options.ts";
export { storeConformance } from "./store-conformance.ts";
export type { StoreConformanceOptions } from "./store-conformance-options.ts";
export { targetConformance } from "./target-conformance.ts";
export type { TargetChange, TargetConformanceOptions, TargetFor } from "./target-conformance-options.ts";
