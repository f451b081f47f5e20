import type { CallLimitOptions, CallLimits } from "./call-limits.ts";
import type { CallSite } from "./call-site.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "./schema.ts";

/** The named inputs of a function, each with its schema. */
export type Inputs = Readonly<Record<string, ValueSchema>>;

/** The arguments that `run` receives: validated, defaults filled in. */
export type Arguments<I extends Inputs> = { readonly [K in keyof I]: SchemaOutput<I[K]> };

/** What a call cost, as the service that answered it says. */
export interface CallUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** What a function may use beside its arguments. */
export interface FunctionContext<P = undefined> {
  /** Aborts when the update is stopped, or the call has taken longer than its `timeout`. */
  readonly signal: AbortSignal;
  /** What `prepare` resolved to; the spec itself where there is no `prepare`. */
  readonly prepared: P;
  /** Adds what the call cost to the stats of the function. */
  countUsage(usage: CallUsage): void;
  /** Tells the user something that no row fails for, such as a lack that makes results worse. Said once an update. */
  notice(message: string): void;
}

/** Options of any function. */
export interface FunctionOptions extends CallLimitOptions {
  /** Bump it when what the function computes changes; it then stands in place of the function's code. */
  readonly version?: number | string;
  /** Keep results in the store, so that equal arguments are never computed twice. */
  readonly cache?: boolean;
  /** Share cached results between flows under this id. */
  readonly sharedId?: string;
  /** Values that the code uses and that stand neither in it nor at module level; they count as code. */
  readonly deps?: Readonly<Record<string, unknown>>;
  /** How many calls may run at once in this process. */
  readonly concurrency?: number;
}

/** A function without its types, as the engine sees it. */
export interface FunctionDefinition extends Omit<FunctionOptions, keyof CallLimitOptions> {
  readonly kind: "function";
  readonly name: string;
  readonly input: Inputs;
  /** The schema of its results, by the spec of a use. */
  output(spec: unknown): ValueSchema;
  readonly spec: ValueSchema | null;
  readonly batching: { readonly maxBatchSize: number } | null;
  readonly prepare: ((spec: unknown) => unknown) | null;
  readonly run: ((args: unknown, context: FunctionContext<unknown>) => unknown) | null;
  readonly runBatch: ((inputs: readonly unknown[], context: FunctionContext<unknown>) => unknown) | null;
  readonly countTokens: ((args: unknown) => number) | null;
  /** Null where no option bounds its calls. */
  readonly limits: CallLimits | null;
  /** Where it was defined: what its code is looked up by. */
  readonly callSite: CallSite | null;
}

/** What `slice.transform` takes: a function, or a transform flow. `T` is the value that it yields. */
export interface Transformation<I extends Inputs, out T> {
  readonly kind: "function-use" | "transform-flow";
  readonly input: I;
  /** Never there: it tells the compiler what is yielded. */
  readonly "~result"?: T;
}

/** A function as a flow uses it: its definition and the spec given. */
export interface FunctionUse<I extends Inputs, O extends ValueSchema>
  extends Transformation<I, SchemaOutput<O>> {
  readonly kind: "function-use";
  readonly definition: FunctionDefinition;
  readonly input: I;
  readonly output: O;
  /** The parsed spec; undefined for a function without one. */
  readonly spec: unknown;
}

export type AnyFunctionUse = FunctionUse<Inputs, ValueSchema>;

interface Estimate<I extends Inputs> {
  /** How many tokens of a model the call for these arguments is likely to use, for `tokenLimit`. */
  countTokens?(args: Arguments<I>): number;
}

interface Body<I extends Inputs, O extends ValueSchema, P> extends Estimate<I> {
  /** Computes the output; it is parsed by the output schema. Pure: equal arguments give equal outputs. */
  run(args: Arguments<I>, context: FunctionContext<P>): SchemaInput<O> | Promise<SchemaInput<O>>;
  readonly batching?: never;
  readonly runBatch?: never;
}

interface BatchBody<I extends Inputs, O extends ValueSchema, P> extends Estimate<I> {
  readonly batching: { readonly maxBatchSize: number };
  /**
   * One output for each input, in the same order. An error in place of an output fails that input alone, as it is;
   * what is thrown is looked for among the inputs by halving the batch.
   */
  runBatch(
    inputs: readonly Arguments<I>[],
    context: FunctionContext<P>,
  ): readonly (SchemaInput<O> | Error)[] | Promise<readonly (SchemaInput<O> | Error)[]>;
  readonly run?: never;
}

interface Head<I extends Inputs, O extends ValueSchema> extends FunctionOptions {
  readonly name: string;
  readonly input: I;
  readonly output: O;
}

/** A function without configuration: use it in `slice.transform(fn)` as it is. */
export type FunctionConfig<I extends Inputs, O extends ValueSchema> = Head<I, O> & {
  readonly spec?: never;
} & (Body<I, O, undefined> | BatchBody<I, O, undefined>);

/** A function with configuration: call it with its spec, then use the result in `slice.transform(fn(spec))`. */
export type ConfiguredFunctionConfig<
  I extends Inputs,
  O extends ValueSchema,
  S extends ValueSchema,
  P,
> = Omit<Head<I, O>, "output"> & {
  readonly spec: S;
  /** The schema of the results; a function of the spec where it decides on them, as on a vector's dimension. */
  readonly output: O | ((spec: SchemaOutput<S>) => O);
  /** Called once per update before the first call, to load what calls share. Stands above `run`, so that its result is inferred. */
  prepare?(spec: SchemaOutput<S>): P | Promise<P>;
} & (Body<I, O, NoInfer<P>> | BatchBody<I, O, NoInfer<P>>);
