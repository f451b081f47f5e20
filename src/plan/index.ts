export type { CallStep, CollectStep, EachStep, Expression, Scope, Step } from "../flow/index.ts";
export { compilePlan } from "./compile-plan.ts";
export type { Plan, PlannedExport, PlannedFunction, PlannedSource, Program } from "./plan.ts";
