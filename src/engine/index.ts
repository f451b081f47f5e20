export type { Bindings } from "./bindings.ts";
export { type EvaluatedRow, type EvaluateRowsOptions, evaluateRows } from "./evaluate-rows.ts";
export { failedKeys, type KeptFailure, keptFailures } from "./kept-failures.ts";
export { runUpdate, type UpdateLimits, type UpdateOptions } from "./update.ts";
