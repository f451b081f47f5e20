export { withAdoptionsSettled } from "./adopted-target.ts";
export { type AppliedSetup, type ApplySetup, applySetup, type LeftBehind } from "./apply-setup.ts";
export type { FindConnector } from "./drop-action.ts";
export { backendText, findBackends } from "./found-backends.ts";
export { keepsOrder, sourceOrder, withOwnersSettled } from "./owner-index.ts";
export { planDrop, planSetup } from "./plan-setup.ts";
export { unwrapState } from "./recorded-state.ts";
export {
  changesOutside,
  isSetupNeeded,
  type SetupAction,
  type SetupPlan,
  type SetupVerb,
  type SourceChange,
  type SourceSetupAction,
  takesRowsAway,
} from "./setup-plan.ts";
export {
  decodeSetupRecord,
  emptySetupRecord,
  encodeSetupRecord,
  type SetupRecord,
} from "./setup-record.ts";
