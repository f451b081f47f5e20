export { compilePlan } from "./compile-plan.ts";
export type { Plan, PlannedExport, PlannedFunction, PlannedSource, Program, Route } from "./plan.ts";
