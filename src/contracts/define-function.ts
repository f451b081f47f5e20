import { SluiceError } from "../errors/index.ts";
import { type CallLimitOptions, callLimits } from "./call-limits.ts";
import { captureCallSite } from "./call-site.ts";
import type {
  ConfiguredFunctionConfig,
  FunctionConfig,
  FunctionDefinition,
  FunctionUse,
  Inputs,
} from "./function.ts";
import { checkName } from "./name.ts";
import { parseSpec } from "./parse-spec.ts";
import type { SchemaInput, ValueSchema } from "./schema.ts";

/**
 * Defines a function: a step that computes a value from values, called where a flow says
 * `slice.transform(fn, { other: … })`.
 *
 * A change of its code, or of code that it reaches, is seen and runs it again for the rows that it feeds; with
 * a `version`, only a change of that. With `cache: true` its results are kept. With a `spec` it is configured
 * where it is used: `slice.transform(fn(spec))`.
 *
 * @example
 * const shout = defineFunction({
 *   name: "shout",
 *   input: { text: z.string() },
 *   output: z.string(),
 *   run: ({ text }) => text.toUpperCase(),
 * });
 *
 * @throws SluiceError `name-invalid`, `option-invalid`
 */
export function defineFunction<I extends Inputs, O extends ValueSchema>(
  config: FunctionConfig<I, O>,
): FunctionUse<I, O>;
export function defineFunction<I extends Inputs, O extends ValueSchema, S extends ValueSchema, P = undefined>(
  config: ConfiguredFunctionConfig<I, O, S, P>,
): (spec: SchemaInput<S>) => FunctionUse<I, O>;
export function defineFunction(
  config:
    | FunctionConfig<Inputs, ValueSchema>
    | ConfiguredFunctionConfig<Inputs, ValueSchema, ValueSchema, unknown>,
): FunctionUse<Inputs, ValueSchema> | ((spec: unknown) => FunctionUse<Inputs, ValueSchema>) {
  const definition = definitionOf(config as LooseConfig);
  const use = (spec: unknown): FunctionUse<Inputs, ValueSchema> => ({
    kind: "function-use",
    definition,
    input: definition.input,
    output: definition.output(spec),
    spec,
  });
  const schema = definition.spec;
  if (schema === null) return use(undefined);
  return (spec) => use(parseSpec(`function ${definition.name}`, schema, spec));
}

interface LooseConfig
  extends Omit<Partial<FunctionDefinition>, "kind" | "callSite" | "limits" | "output">,
    CallLimitOptions {
  readonly name: string;
  readonly input: Inputs;
  readonly output: ValueSchema | ((spec: unknown) => ValueSchema);
}

function definitionOf(config: LooseConfig): FunctionDefinition {
  checkName("a function", config.name);
  const { output } = config;
  const optional = {
    ...(config.version === undefined ? {} : { version: config.version }),
    ...(config.cache === undefined ? {} : { cache: config.cache }),
    ...(config.sharedId === undefined ? {} : { sharedId: config.sharedId }),
    ...(config.deps === undefined ? {} : { deps: config.deps }),
    ...(config.concurrency === undefined ? {} : { concurrency: config.concurrency }),
  };
  const definition: FunctionDefinition = {
    kind: "function",
    name: config.name,
    input: config.input,
    output: typeof output === "function" ? output : () => output,
    spec: config.spec ?? null,
    batching: config.batching ?? null,
    prepare: config.prepare ?? null,
    run: config.run ?? null,
    runBatch: config.runBatch ?? null,
    countTokens: config.countTokens ?? null,
    limits: callLimits(config.name, config),
    callSite: captureCallSite(defineFunction),
    ...optional,
  };
  checkBody(definition);
  checkTokens(definition);
  checkCount(definition.name, "concurrency", definition.concurrency);
  checkCount(definition.name, "batching.maxBatchSize", definition.batching?.maxBatchSize);
  return definition;
}

function checkBody(definition: FunctionDefinition): void {
  const fits = definition.batching
    ? definition.runBatch !== null && definition.run === null
    : definition.run !== null && definition.runBatch === null;
  if (fits) return;
  throw new SluiceError(
    "option-invalid",
    `function ${definition.name} must have either run, or batching and runBatch`,
  );
}

function checkTokens({ name, limits, countTokens }: FunctionDefinition): void {
  if (!limits?.tokens || countTokens !== null) return;
  throw new SluiceError("option-invalid", `function ${name}: a tokenLimit needs countTokens`, {
    hint: "Say with countTokens(args) how many tokens a call is likely to use.",
  });
}

function checkCount(name: string, option: string, count: number | undefined): void {
  if (count === undefined || (Number.isSafeInteger(count) && count > 0)) return;
  throw new SluiceError(
    "option-invalid",
    `function ${name}: ${option} must be a whole number above 0, not ${count}`,
  );
}
