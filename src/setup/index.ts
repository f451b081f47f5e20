export { type AppliedSetup, type ApplySetup, applySetup } from "./apply-setup.ts";
export { keepsOrder, sourceOrder, withOwnersSettled } from "./owner-index.ts";
export { type FindConnector, planDrop, planSetup } from "./plan-setup.ts";
export { unwrapState } from "./recorded-state.ts";
export type { SetupAction, SetupPlan, SetupVerb } from "./setup-plan.ts";
export {
  decodeSetupRecord,
  emptySetupRecord,
  encodeSetupRecord,
  type SetupRecord,
} from "./setup-record.ts";
