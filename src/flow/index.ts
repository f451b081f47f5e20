export { buildFlow } from "./build-flow.ts";
export { buildTransform } from "./build-transform.ts";
export { listed, nameHint } from "./closest-name.ts";
export type { Collector, Entry, ExportOptions, FtsIndexOf, VectorIndexOf } from "./collector.ts";
export type { AddSourceOptions, FlowBuilder } from "./flow-builder.ts";
export type * from "./flow-definition.ts";
export { generatedUuid } from "./generated-uuid.ts";
export { defaultOf, inputType } from "./input-type.ts";
export type { Problem, Synchronous } from "./problem.ts";
export type {
  ForEachRowOptions,
  RowScope,
  Slice,
  SliceOf,
  SourceSlice,
  StructSlice,
  TableSlice,
} from "./slice.ts";
export type { InputSlices, TransformInput, ValueOf } from "./transform-flow.ts";
