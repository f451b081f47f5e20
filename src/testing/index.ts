export { type ConformanceCase, type StoreConformanceOptions, storeConformance } from "./store-conformance.ts";
