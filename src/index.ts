export { getAppNamespace, getTargetDefaultName } from "./app/app-names.ts";
export { defineFlow, dropAllFlows, setupAllFlows } from "./app/define-flow.ts";
export { defineTransformFlow } from "./app/define-transform-flow.ts";
export type { EvaluateInfo } from "./app/evaluate-flow.ts";
export type {
  ExplainedCalls,
  ExplainedChange,
  ExplainedTargetRow,
  ExplainedWrites,
  RowExplanation,
  RowName,
  RowOutput,
  RowRun,
  StandingFailure,
  TargetRowExplanation,
  TargetRowState,
} from "./app/explain/explanation.ts";
export type { Flow, SetupStatus } from "./app/flow.ts";
export type { LiveUpdater } from "./app/live-updater.ts";
export type {
  QueryAnswer,
  QueryContext,
  QueryHandler,
  QueryHandlerInfo,
  QueryInfo,
  QueryResultFields,
} from "./app/query-handler.ts";
export type { QueryOptions, QueryResult } from "./app/query-handlers.ts";
export { type Configuration, configure } from "./app/settings.ts";
export type { SetupResult } from "./app/setup-flow.ts";
export type { StoredFailure, StoredRowFailure, StoredTargetRowFailure } from "./app/stored-failures.ts";
export type { EvalOptions, TransformFlow } from "./app/transform-flow.ts";
export type {
  DropFlowOptions,
  EvaluateOptions,
  LiveUpdateOptions,
  PlanSetupOptions,
  SetupFlowOptions,
  UpdateFlowOptions,
  VerbOptions,
  VerifyFlowOptions,
} from "./app/verb-options.ts";
export type { RepairInfo, VerifyInfo } from "./app/verify-flow.ts";
export type { CallLimitOptions, RateLimit, RetryOptions, TokenLimit } from "./contracts/call-limits.ts";
export { defineFunction } from "./contracts/define-function.ts";
export { defineSource } from "./contracts/define-source.ts";
export { defineTarget } from "./contracts/define-target.ts";
export type {
  EngineEvent,
  FunctionStats,
  HeldDeletions,
  KeyFailure,
  ListingReason,
  Notice,
  Report,
  RowFailure,
  RowOutcome,
  RowReason,
  SourceStats,
  TargetStats,
  UpdateInfo,
} from "./contracts/events.ts";
export type {
  Arguments,
  CallUsage,
  FunctionContext,
  FunctionOptions,
  FunctionUse,
  Inputs,
  Transformation,
} from "./contracts/function.ts";
export type {
  LiveSourceState,
  LiveSourceStats,
  LiveStats,
  LiveStatus,
  WatcherStats,
} from "./contracts/live.ts";
export {
  connectionNamed,
  defineConnection,
  isNamedConnection,
  type NamedConnection,
} from "./contracts/named-connection.ts";
export { env, type Secret, secret } from "./contracts/secret.ts";
export type {
  ChangeEvent,
  ListOptions,
  ReadOptions,
  RowOf,
  SourceContext,
  SourceEntry,
  SourceUse,
  SourceValue,
  WatchOptions,
} from "./contracts/source.ts";
export type { LeaseHolder } from "./contracts/state-store.ts";
export type {
  ExportNames,
  FtsIndex,
  InspectContext,
  Json,
  Mutation,
  MutationBatch,
  PrepareContext,
  SetupChange,
  SetupInput,
  SetupVerdict,
  TargetContext,
  TargetIndexes,
  TargetRow,
  TargetSchema,
  TargetUse,
  VectorIndex,
  VectorMetric,
} from "./contracts/target.ts";
export type { FindingKind, RowFinding, TargetVerification } from "./contracts/verification.ts";
export { type ErrorCode, type ErrorPlace, errorCodes, isSluiceError, SluiceError } from "./errors/index.ts";
export {
  type AddSourceOptions,
  type Collector,
  type ExportOptions,
  type FlowBuilder,
  type ForEachRowOptions,
  generatedUuid,
  type InputSlices,
  type Problem,
  type RowScope,
  type Slice,
  type SliceOf,
  type SourceSlice,
  type StructSlice,
  type TableSlice,
  type TransformInput,
} from "./flow/index.ts";
export type { Clock } from "./kernel/clock.ts";
export type { Random } from "./kernel/random.ts";
export type { LogicPart } from "./plan/index.ts";
export type { SetupAction, SetupPlan, SetupVerb, SourceChange } from "./setup/index.ts";
export {
  bytes,
  date,
  duration,
  float32,
  type IsoDate,
  type IsoDuration,
  type IsoLocalDateTime,
  type IsoOffsetDateTime,
  type IsoTime,
  int64,
  type JsonValue,
  json,
  localDateTime,
  offsetDateTime,
  range,
  table,
  time,
  type Uuid,
  uuid,
  vector,
} from "./values/index.ts";
