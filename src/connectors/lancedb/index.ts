export type { LanceConnection, LanceOptions } from "./lance-spec.ts";
export { lancedb } from "./lancedb.ts";
