import type { z } from "zod";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { registerTarget } from "./connector-registry.ts";
import { checkName } from "./name.ts";
import { parseSpec } from "./parse-spec.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "./schema.ts";
import type { Json, TargetConfig, TargetDefinition, TargetUse } from "./target.ts";

/**
 * Defines a kind of target: where rows go. Call the result with a spec in `collector.export`.
 *
 * @example
 * const memory = new Map<string, string>();
 * const inMemory = defineTarget({
 *   kind: "inMemory",
 *   spec: z.object({ name: z.string() }),
 *   key: z.object({ id: z.string() }),
 *   value: z.object({ text: z.string() }),
 *   getPersistentKey: (spec) => spec.name,
 *   applySetupChange({ current }) {
 *     if (current === null) memory.clear();
 *   },
 *   mutate(batches) {
 *     for (const { mutations } of batches)
 *       for (const { key, value } of mutations)
 *         value === null ? memory.delete(key.id) : memory.set(key.id, value.text);
 *   },
 * });
 *
 * @throws SluiceError `name-invalid`; the returned function throws `spec-invalid`
 */
export function defineTarget<
  S extends ValueSchema,
  K extends ValueSchema = z.ZodUnknown,
  V extends ValueSchema = z.ZodUnknown,
  State = SchemaOutput<S>,
  P = SchemaOutput<S>,
>(
  config: TargetConfig<S, K, V, State, P>,
): (spec: SchemaInput<S>) => TargetUse<SchemaOutput<K>, SchemaOutput<V>> {
  checkName("a target kind", config.kind);
  const definition = definitionOf(config);
  registerTarget(definition);
  // What a use takes is known to the compiler alone: there is nothing of it to hold.
  return (spec) =>
    ({
      kind: "target-use",
      definition,
      spec: parseSpec(`target ${config.kind}`, config.spec, spec),
    }) as TargetUse<SchemaOutput<K>, SchemaOutput<V>>;
}

function definitionOf<S extends ValueSchema, K extends ValueSchema, V extends ValueSchema, State, P>(
  config: TargetConfig<S, K, V, State, P>,
): TargetDefinition {
  type Spec = SchemaOutput<S>;
  return {
    kind: config.kind,
    spec: config.spec,
    key: config.key ?? null,
    value: config.value ?? null,
    version: config.version ?? null,
    getPersistentKey: (spec, name, names) => config.getPersistentKey(spec as Spec, name, names),
    setupState: (input) => {
      const typed = { ...input, spec: input.spec as Spec };
      return config.setupState ? config.setupState(typed) : input.spec;
    },
    compare: (previous, wanted) =>
      config.compare
        ? config.compare(previous as State, wanted as State)
        : canonicalJson(previous) === canonicalJson(wanted)
          ? "unchanged"
          : "lossy",
    describe: (key) => (config.describe ? config.describe(key) : `${config.kind} ${keyText(key)}`),
    applySetupChange: (change, context) =>
      config.applySetupChange(
        {
          key: change.key,
          previous: change.previous as State | null,
          current: change.current as State | null,
        },
        context,
      ),
    inspect: config.inspect ? (key, context) => config.inspect!(key, context) : null,
    prepare: (spec, context) => (config.prepare ? config.prepare(spec as Spec, context) : spec),
    mutate: (batches, context) => config.mutate(batches as Parameters<typeof config.mutate>[0], context),
    readBack: config.readBack ? (target, context) => config.readBack!(target as P, context) : null,
    capabilities: { atomic: false, fenced: false, ...config.capabilities },
    close: (target) => config.close?.(target as P),
  };
}

function keyText(key: Json): string {
  return typeof key === "string" ? key : JSON.stringify(key);
}
