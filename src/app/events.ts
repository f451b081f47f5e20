/** What a run tells and yields, for those who show it. */
export type {
  EngineEvent,
  FunctionStats,
  HeldDeletions,
  Notice,
  Report,
  RowFailure,
  RowOutcome,
  SourceStats,
  TargetStats,
  UpdateInfo,
} from "../contracts/events.ts";
export type { LiveSourceStats, LiveStats } from "../contracts/live.ts";
export type { LeaseHolder } from "../contracts/state-store.ts";
export type { FindingKind, RowFinding, TargetVerification } from "../contracts/verification.ts";
