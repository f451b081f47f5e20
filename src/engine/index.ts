export { type AdoptInto, type Adoption, adoptRows, countRows } from "./adopted-rows.ts";
export type { Bindings } from "./bindings.ts";
export { type CountTargetRows, countTargetRows } from "./count-target-rows.ts";
export { type EvaluatedRow, type EvaluateRowsOptions, evaluateRows } from "./evaluate-rows.ts";
export { failedKeys, type KeptFailure, keptFailures } from "./kept-failures.ts";
export { repairTarget } from "./repair-target.ts";
export { runUpdate, type UpdateLimits, type UpdateOptions } from "./update.ts";
export { type VerifiedTarget, type Verifying, verifyTarget } from "./verify-target.ts";
