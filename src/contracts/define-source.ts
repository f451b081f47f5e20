import { SluiceError } from "../errors/index.ts";
import { parseTimeSpan, type TimeSpan } from "../kernel/time-span.ts";
import { registerSourceSetup } from "./connector-registry.ts";
import { checkName } from "./name.ts";
import { parseSpec } from "./parse-spec.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "./schema.ts";
import type { KeySchema, RowOf, SourceConfig, SourceDefinition, SourceUse } from "./source.ts";
import { sourceSetupDefinition } from "./source-setup.ts";
import type { Json } from "./target.ts";

const defaultHeartbeat: TimeSpan = "10m";

/**
 * Defines a kind of source: where rows come from. Call the result with a spec in `flow.addSource`.
 *
 * @example
 * const numbers = defineSource({
 *   kind: "numbers",
 *   spec: z.object({ upTo: z.int() }),
 *   key: z.object({ n: z.int() }),
 *   value: z.object({ square: z.int() }),
 *   create: (spec) => spec,
 *   *list({ upTo }) {
 *     yield Array.from({ length: upTo }, (_, n) => ({ key: { n }, contentVersion: "1" }));
 *   },
 *   getValue: (_spec, { n }) => ({ value: { square: n * n }, contentVersion: "1" }),
 * });
 *
 * @throws SluiceError `name-invalid`, `option-invalid`; the returned function throws `spec-invalid`
 */
export function defineSource<
  S extends ValueSchema,
  K extends KeySchema,
  V extends ValueSchema,
  C = SchemaOutput<S>,
  State = Json,
>(
  config: SourceConfig<S, K, V, C, State>,
): (spec: SchemaInput<S>) => SourceUse<RowOf<SchemaOutput<K>, SchemaOutput<V>>> {
  checkName("a source kind", config.kind);
  const definition = definitionOf(config);
  if (definition.setup) registerSourceSetup(definition.setup);
  return (spec) => ({
    kind: "source-use",
    definition,
    spec: parseSpec(`source ${config.kind}`, config.spec, spec),
  });
}

function definitionOf<S extends ValueSchema, K extends KeySchema, V extends ValueSchema, C, State>(
  config: SourceConfig<S, K, V, C, State>,
): SourceDefinition {
  return {
    kind: config.kind,
    spec: config.spec,
    key: config.key,
    value: config.value,
    version: config.version ?? null,
    providesOrdinal: config.providesOrdinal ?? false,
    ordered: config.ordered ?? false,
    valueSpec: (spec) => (config.valueSpec ? config.valueSpec(spec as SchemaOutput<S>) : spec),
    create: (spec, context) => (config.create ? config.create(spec as SchemaOutput<S>, context) : spec),
    list: (connection, options) => config.list(connection as C, options),
    getValue: (connection, key, options) => config.getValue(connection as C, key as SchemaOutput<K>, options),
    watch: config.watch ? (connection, options) => config.watch!(connection as C, options) : null,
    watches: (spec) => config.watch !== undefined && (config.watches?.(spec as SchemaOutput<S>) ?? true),
    watchHeartbeatMs: heartbeatMs(config.kind, config.watchHeartbeat ?? defaultHeartbeat),
    close: (connection) => config.close?.(connection as C),
    setup: config.setup ? sourceSetupDefinition(config.kind, config.setup) : null,
    check: (spec, context) => config.check?.(spec as SchemaOutput<S>, context),
  };
}

function heartbeatMs(kind: string, span: TimeSpan): number {
  const ms = parseTimeSpan(span);
  if (ms !== null && ms > 0) return ms;
  throw new SluiceError(
    "option-invalid",
    `source kind ${kind}: watchHeartbeat is no time span: ${String(span)}`,
    {
      hint: 'Say "30s", "10m", or milliseconds as a number; never 0.',
    },
  );
}
