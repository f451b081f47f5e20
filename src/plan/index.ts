export type { CallStep, CollectStep, EachStep, Expression, Scope, Step } from "../flow/index.ts";
export { compilePlan } from "./compile-plan.ts";
export { outletLogic } from "./logic.ts";
export { changesBetween, type LogicChange, type LogicPart, logicPartsInOrder } from "./logic-changes.ts";
export type { KnownLogic } from "./logic-parts.ts";
export type { Plan, PlannedExport, PlannedFunction, PlannedSource, Program } from "./plan.ts";
export { type PlannedTransform, planTransform } from "./plan-transform.ts";
