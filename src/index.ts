/** Sluice keeps targets in step with their sources. This module is the public entry: what stands here is API. */
export { defineFunction } from "./contracts/define-function.ts";
export { defineSource } from "./contracts/define-source.ts";
export type {
  Arguments,
  ConfiguredFunctionConfig,
  FunctionConfig,
  FunctionContext,
  FunctionOptions,
  FunctionUse,
  Inputs,
} from "./contracts/function.ts";
export type { SchemaInput, SchemaOutput, ValueSchema } from "./contracts/schema.ts";
export type {
  KeySchema,
  ListOptions,
  ReadOptions,
  RowOf,
  SourceConfig,
  SourceContext,
  SourceEntry,
  SourceUse,
  SourceValue,
} from "./contracts/source.ts";
export {
  type ErrorCode,
  type ErrorPlace,
  errorCodes,
  InternalError,
  isSluiceError,
  SluiceError,
  type SluiceErrorOptions,
} from "./errors/index.ts";
