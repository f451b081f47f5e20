import { z } from "zod";
import type { SourceSetup, SourceSetupInput } from "../../../contracts/source-setup.ts";
import type { Json } from "../../../contracts/target.ts";
import { fingerprint } from "../../../values/index.ts";
import { describeReference, parseReference } from "../connection.ts";
import type { Session } from "../database.ts";
import { quoteIdentifier, quoteLiteral, quoteTable } from "../identifiers.ts";
import { openDatabase } from "../open-database.ts";
import { toPostgresError } from "../sql-error.ts";
import { columnKind, type SqlType } from "./column-kinds.ts";
import type { TableField, TableSpec } from "./table-spec.ts";

/** What is notified in place of a key: the source is then listed. */
export const noKey = { truncated: "truncated", long: "long", failed: "failed" } as const;

/** The name of function, triggers and channel: one for each source of each flow. */
export function captureName(defaultName: string): string {
  const readable = defaultName.toLowerCase().replaceAll(/[^a-z0-9_]+/g, "_");
  return `sluice_${readable.slice(0, 40)}_${fingerprint(defaultName).slice(0, 10)}`;
}

/** The name of the trigger that tells of `TRUNCATE`. */
export function truncateTrigger(name: string): string {
  return `${name}_t`;
}

const keyForm = z.object({
  connection: z.json(),
  schema: z.string(),
  table: z.string(),
  name: z.string(),
});

/** What the trigger function is made from: the columns of the key, and how their text is made. */
const stateForm = z.object({
  form: z.literal(1),
  key: z.array(z.object({ column: z.string(), text: z.string() })),
});

type CaptureState = z.output<typeof stateForm>;

/** A trigger that notifies of the keys of rows that change. */
export function changeCapture(fields: readonly TableField[]): SourceSetup<TableSpec, CaptureState> {
  return {
    getPersistentKey: ({ spec, defaultName }: SourceSetupInput<TableSpec>) => ({
      connection: JSON.parse(JSON.stringify(spec.connection)) as Json,
      schema: spec.schema,
      table: spec.table,
      name: captureName(defaultName),
    }),
    setupState: ({ spec }) =>
      spec.notify ? { form: 1, key: fields.filter(({ isKey }) => isKey).map(keyPart) } : null,
    describe: (key) => {
      const { schema, table, name, connection } = keyForm.parse(key);
      return `trigger ${name} on ${schema}.${table} (${describeReference(parseReference(connection))})`;
    },
    async applySetupChange({ key, current }, { signal }) {
      const { connection, ...capture } = keyForm.parse(key);
      const database = await openDatabase(parseReference(connection));
      try {
        await database.transaction(
          (session) => (current === null ? remove(session, capture) : make(session, capture, current)),
          signal,
        );
      } catch (thrown) {
        signal.throwIfAborted();
        throw toPostgresError(thrown, { unavailable: "setup-failed", otherwise: "setup-failed" });
      } finally {
        await database.close();
      }
    },
  };
}

type Capture = Omit<z.output<typeof keyForm>, "connection">;

/** The text of keys does not depend on the column's very type. */
const anyType: SqlType = { declared: "", cast: "", name: "", category: "", dimension: null, element: null };

function keyPart({ column, type }: TableField): CaptureState["key"][number] {
  return { column, text: columnKind(type).text("?", anyType) };
}

async function make(session: Session, capture: Capture, state: CaptureState): Promise<void> {
  // Triggers wait for every writer of the table, and those who come meanwhile wait behind.
  await session.query("SET LOCAL lock_timeout = '20s'");
  await session.query(functionText(capture, state));
  const present = await presentTriggers(session, capture);
  const { name } = capture;
  const call = `EXECUTE FUNCTION ${functionName(capture)}()`;
  const table = quoteTable(capture);
  if (!present.has(name)) {
    await session.query(
      `CREATE TRIGGER ${quoteIdentifier(name)} AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW ${call}`,
    );
  }
  if (!present.has(truncateTrigger(name))) {
    await session.query(
      `CREATE TRIGGER ${quoteIdentifier(truncateTrigger(name))} AFTER TRUNCATE ON ${table} FOR EACH STATEMENT ${call}`,
    );
  }
}

/** With the function go its triggers, wherever the table may be by now. */
async function remove(session: Session, capture: Capture): Promise<void> {
  await session.query("SET LOCAL lock_timeout = '20s'");
  const [schema] = await session.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [capture.schema]);
  if (schema) await session.query(`DROP FUNCTION IF EXISTS ${functionName(capture)}() CASCADE`);
}

/** Which of its triggers stand on the table and are not switched off. */
export async function presentTriggers(
  session: Pick<Session, "query">,
  { schema, table, name }: Capture,
): Promise<ReadonlySet<string>> {
  const rows = await session.query(
    `SELECT g.tgname::text AS name FROM pg_trigger g
     JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND g.tgname IN ($3, $4) AND g.tgenabled <> 'D'`,
    [schema, table, name, truncateTrigger(name)],
  );
  return new Set(rows.map((row) => String(row.name)));
}

function functionName({ schema, name }: Capture): string {
  return quoteTable({ schema, table: name });
}

/**
 * A notification has at most 8,000 bytes. Whatever goes wrong in here, such as a column that was renamed, must not
 * fail the statement of whoever writes: it is told, and the source is listed.
 */
function functionText(capture: Capture, { key }: CaptureState): string {
  const channel = quoteLiteral(capture.name);
  const keyOf = (row: string) => {
    const parts = key.map(({ column, text }) => text.replaceAll("?", `${row}.${quoteIdentifier(column)}`));
    return `json_build_array(${parts.join(", ")})::text`;
  };
  const body = `DECLARE
  former text;
  present text;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM pg_notify(${channel}, '${noKey.truncated}');
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    former := ${keyOf("OLD")};
    PERFORM pg_notify(${channel}, CASE WHEN octet_length(former) < 7900 THEN former ELSE '${noKey.long}' END);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    present := ${keyOf("NEW")};
    IF former IS DISTINCT FROM present THEN
      PERFORM pg_notify(${channel}, CASE WHEN octet_length(present) < 7900 THEN present ELSE '${noKey.long}' END);
    END IF;
  END IF;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  PERFORM pg_notify(${channel}, '${noKey.failed}');
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${functionName(capture)}() RETURNS trigger LANGUAGE plpgsql AS ${quoteLiteral(body)}`;
}
