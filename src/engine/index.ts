export type { Bindings, GoneSource, TargetBinding } from "./bindings.ts";
export { type EvaluatedRow, type EvaluateRowsOptions, evaluateRows } from "./evaluate-rows.ts";
export { decodeFailureRecord, type FailureRecord } from "./failure-record.ts";
export { runUpdate, type UpdateLimits, type UpdateOptions } from "./update.ts";
