export { MemoryState } from "./memory-state.ts";
export { type MemoryStore, type MemoryStoreOptions, openMemoryStore } from "./memory-store.ts";
