export {
  MemoryState,
  type MemoryStore,
  type MemoryStoreOptions,
  openMemoryStore,
} from "../stores/memory/index.ts";
export { type ConformanceCase, storeConformance } from "./store-conformance.ts";
export type { StoreConformanceOptions } from "./store-conformance-options.ts";
