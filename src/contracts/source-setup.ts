import type { Json, SetupChange } from "./target.ts";

/** What a source is called. */
export interface SourceNames {
  readonly flow: string;
  /** The source's name; the former one where it was renamed with `renamedFrom`. */
  readonly sourceName: string;
  /**
   * What to call something that a source keeps in the outside system: `flow__source`, with the app namespace and `__`
   * before it where there is one.
   */
  readonly defaultName: string;
}

/** What it is made from what a source needs. */
export interface SourceSetupInput<Spec> extends SourceNames {
  readonly spec: Spec;
}

/** What a source may use when it is set up or checked. */
export interface SourceSetupContext {
  /** The absolute directory that relative paths of a spec resolve against. */
  readonly appDirectory: string;
  readonly signal: AbortSignal;
}

/**
 * What a source needs in the outside system beside its rows, such as a trigger that tells of changes: made, altered
 * and removed by setup and drop, and recorded, like the backends of targets.
 */
export interface SourceSetup<Spec, State> {
  /** What identifies it, as plain data: no two sources may share it. Make it from the names, and each has its own. */
  getPersistentKey(input: SourceSetupInput<Spec>): Json;
  /** The state that it must be in, as plain data; null where this spec needs nothing. */
  setupState(input: SourceSetupInput<Spec>): State | null;
  /** It in words, for plans. */
  describe?(key: Json): string;
  /**
   * Brings it from `previous` to `current`; null is absent. Idempotent: it is called again after a crash, and once for
   * each state that it may be in. It is given what was recorded, also by a process in which no flow uses the source
   * any more.
   */
  applySetupChange(change: SetupChange<NoInfer<State>>, context: SourceSetupContext): void | Promise<void>;
}

/** What sources of a kind need, without its types, as setup sees it. */
export interface SourceSetupDefinition {
  readonly sourceKind: string;
  getPersistentKey(input: SourceSetupInput<unknown>): Json;
  setupState(input: SourceSetupInput<unknown>): unknown;
  describe(key: Json): string;
  applySetupChange(change: SetupChange<unknown>, context: SourceSetupContext): void | Promise<void>;
}

/** What sources of a kind need, without its types. */
export function sourceSetupDefinition<Spec, State>(
  sourceKind: string,
  setup: SourceSetup<Spec, State>,
): SourceSetupDefinition {
  return {
    sourceKind,
    getPersistentKey: (input) => setup.getPersistentKey(input as SourceSetupInput<Spec>),
    setupState: (input) => setup.setupState(input as SourceSetupInput<Spec>),
    describe: (key) =>
      setup.describe?.(key) ?? `${sourceKind} ${typeof key === "string" ? key : JSON.stringify(key)}`,
    applySetupChange: (change, context) => setup.applySetupChange(change as SetupChange<State>, context),
  };
}
