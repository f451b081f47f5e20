export type { Bindings } from "./bindings.ts";
export { type EvaluatedRow, type EvaluateRowsOptions, evaluateRows } from "./evaluate-rows.ts";
export { LogicHistory } from "./logic-history.ts";
export { absent, type OutputEntry, type TargetOutput } from "./output-record.ts";
export { ScanCursor } from "./scan-cursor.ts";
export { sourceLogic } from "./source-logic.ts";
export { readStoredRow, type StoredRow } from "./stored-row.ts";
export type { TraceChange, TraceRecord } from "./trace-record.ts";
export { runUpdate, type UpdateLimits, type UpdateOptions } from "./update.ts";
