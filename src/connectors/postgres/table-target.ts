import { z } from "zod";
import { defineTarget } from "../../contracts/define-target.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "../../contracts/schema.ts";
import type { InspectContext, Json, TargetUse } from "../../contracts/target.ts";
import { applyTableChange } from "./apply-table-change.ts";
import type { Database } from "./database.ts";
import { checkIdentifier } from "./identifiers.ts";
import { type PreparedTable, prepareTable } from "./prepared-table.ts";
import { readRows } from "./read-rows.ts";
import { toPostgresError } from "./sql-error.ts";
import { readCatalog, stateOf, type TableName } from "./table-catalog.ts";
import type { TableSpec } from "./table-spec.ts";
import { compareStates, type TableState, wantedState } from "./table-state.ts";
import { writeBatches } from "./write-batches.ts";

/** What tells the kinds of target that are tables of Postgres apart. */
export interface TableTargetKind<S extends ValueSchema> {
  readonly kind: string;
  readonly spec: S;
  /** How the database is reached, as it is recorded. */
  connectionOf(spec: SchemaOutput<S>): Json;
  /** The database in words. */
  describe(connection: Json): string;
  open(connection: Json, context: InspectContext): Promise<Database>;
}

const tableKey = z.object({
  connection: z.custom<Json>((value) => value !== undefined),
  schema: z.string().nullable(),
  table: z.string(),
});

const unavailableOrFailed = { unavailable: "target-unavailable", otherwise: "mutate-failed" } as const;

/** A kind of target whose exports are tables, in whatever database `open` yields. */
export function defineTableTarget<S extends z.ZodType<TableSpec>>({
  kind,
  spec,
  connectionOf,
  describe,
  open,
}: TableTargetKind<S>): (spec: SchemaInput<S>) => TargetUse<unknown, unknown> {
  const nameOf = (given: TableSpec, defaultName: string): TableName => ({
    schema: given.schema ?? null,
    table: given.table ?? defaultName,
  });
  return defineTarget<S, z.ZodUnknown, z.ZodUnknown, TableState, PreparedTable>({
    kind,
    spec,
    getPersistentKey(given, _targetName, { defaultName }) {
      const { schema, table } = nameOf(given, defaultName);
      checkIdentifier("table", table);
      if (schema !== null) checkIdentifier("schema", schema);
      return { connection: plain(connectionOf(given)), schema, table };
    },
    setupState: (input): TableState => wantedState(input, plain(connectionOf(input.spec))),
    compare: compareStates,
    describe(key) {
      const { connection, schema, table } = tableKey.parse(key);
      return `table ${schema === null ? "" : `${schema}.`}${table} in ${describe(connection)}`;
    },
    async applySetupChange({ key, previous, current }, context) {
      const { connection, ...name } = tableKey.parse(key);
      const database = await open(connection, context);
      try {
        await applyTableChange(database, { name, previous, current }, context.signal);
      } finally {
        await database.close();
      }
    },
    async inspect(key, context): Promise<TableState | null> {
      const { connection, ...name } = tableKey.parse(key);
      const database = await open(connection, context);
      try {
        const catalog = await readCatalog(database, name);
        return catalog && stateOf(catalog);
      } catch (thrown) {
        throw toPostgresError(thrown, { unavailable: "target-unavailable", otherwise: "setup-failed" });
      } finally {
        await database.close();
      }
    },
    async prepare(given, context): Promise<PreparedTable> {
      const database = await open(plain(connectionOf(given)), context);
      try {
        return await prepareTable(database, nameOf(given, context.defaultName), context.schema);
      } catch (thrown) {
        await database.close();
        throw toPostgresError(thrown, {
          unavailable: "target-unavailable",
          otherwise: "target-prepare-failed",
        });
      }
    },
    async mutate(batches, { signal }) {
      try {
        await writeBatches(batches, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        throw toPostgresError(thrown, unavailableOrFailed);
      }
    },
    async *readBack(target, { signal }) {
      try {
        yield* readRows(target, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        throw toPostgresError(thrown, { unavailable: "target-unavailable", otherwise: "read-back-failed" });
      }
    },
    capabilities: { atomic: true },
    close: ({ database }) => database.close(),
  });
}

function plain(connection: Json): Json {
  return JSON.parse(JSON.stringify(connection)) as Json;
}
