import { SluiceError } from "../../errors/index.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { Database, Session } from "./database.ts";
import { quoteIdentifier, quoteTable } from "./identifiers.ts";
import { sqlState, toPostgresError } from "./sql-error.ts";
import { readCatalog, stateOf, type TableName } from "./table-catalog.ts";
import { needsVector, planAlteration, planCreation, planRemoval } from "./table-change.ts";
import { compareStates, retyped, type TableState } from "./table-state.ts";

/** How long a change waits for those who use the table, where the server has no limit of its own. */
const lockTimeoutMs = 60_000;

export interface TableChange {
  readonly name: TableName;
  /** Null: the table may be absent. */
  readonly previous: TableState | null;
  /** Null: the table is to go. */
  readonly current: TableState | null;
}

/**
 * Brings a table to a state, in one transaction with the comment that says so: what a crash leaves behind is always
 * the one or the other.
 *
 * @throws SluiceError `setup-conflict` for a table that is not ours, `setup-failed`, `target-unavailable`
 */
export async function applyTableChange(
  database: Database,
  change: TableChange,
  signal: AbortSignal,
): Promise<void> {
  try {
    await database.transaction((session) => apply(session, change), signal);
  } catch (thrown) {
    signal.throwIfAborted();
    throw explain(thrown, change);
  }
}

async function apply(session: Session, { name, previous, current }: TableChange): Promise<void> {
  // Two setups at once could both find nothing and make it. A setting that lasts as long as the transaction.
  await session.query("SELECT pg_advisory_xact_lock(hashtext('sluice setup'))");
  await session.query(
    "SELECT set_config('lock_timeout', $1::text, true) WHERE current_setting('lock_timeout') = '0'",
    [`${lockTimeoutMs}ms`],
  );
  const catalog = await readCatalog(session, name);
  if (catalog === null) {
    if (current !== null) await create(session, name, current);
    return;
  }
  const actual = stateOf(catalog);
  if (current === null) {
    if (previous !== null) await remove(session, name, { actual, previous });
    return;
  }
  if (previous === null) mustBeOurs(name, actual, current);
  if (compareStates(actual, current) === "destructive")
    await rebuildEmpty(session, name, { actual, current });
  else await run(session, planAlteration(name, actual, current));
}

async function create(session: Session, name: TableName, wanted: TableState): Promise<void> {
  if (needsVector(wanted)) await ensureVector(session);
  if (name.schema !== null) await ensureSchema(session, name.schema);
  await run(session, planCreation(name, wanted));
}

/** What is not ours any more, because another was put in its place, stays. */
async function remove(
  session: Session,
  name: TableName,
  { actual, previous }: { readonly actual: TableState; readonly previous: TableState },
): Promise<void> {
  if (!isSameOwner(actual, previous)) {
    throw new SluiceError(
      "setup-conflict",
      `table ${quoteTable(name)} was not made by this export: it is not dropped`,
      {
        hint: "Drop it yourself if nobody needs it, or let go of it with --forget.",
      },
    );
  }
  await run(session, planRemoval(name, actual));
}

/** A table that an interrupted setup left behind has no row yet. One with rows is not taken away unasked. */
async function rebuildEmpty(
  session: Session,
  name: TableName,
  { actual, current }: { readonly actual: TableState; readonly current: TableState },
): Promise<void> {
  const rows = await session.query(`SELECT 1 FROM ${quoteTable(name)} LIMIT 1`);
  if (rows.length > 0 || !isSameOwner(actual, current)) {
    const columns = retyped(actual, current);
    const what = columns.length > 0 ? `of another type: ${columns.join(", ")}` : "of another primary key";
    throw new SluiceError(
      "setup-conflict",
      `table ${quoteTable(name)} is there already, with columns ${what}`,
      {
        hint: "Drop it if nobody needs it: Sluice does not make anew what its store does not know.",
      },
    );
  }
  await run(session, planRemoval(name, actual));
  await create(session, name, current);
}

function mustBeOurs(name: TableName, actual: TableState, current: TableState): void {
  if (isSameOwner(actual, current)) return;
  const whose =
    actual.owner === null
      ? "was not made by Sluice"
      : `belongs to export ${actual.owner}, made through ${JSON.stringify(actual.connection)}`;
  throw new SluiceError("setup-conflict", `table ${quoteTable(name)} is there already and ${whose}`, {
    hint: "Give the export another table, or say setupByUser: true to only write to this one. To take it over, let go of it with drop --forget, then run setup --adopt.",
  });
}

function isSameOwner(one: TableState, other: TableState): boolean {
  return one.owner === other.owner && canonicalJson(one.connection) === canonicalJson(other.connection);
}

async function ensureVector(session: Session): Promise<void> {
  const there = await session.query("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'vector'");
  if (there.length > 0) return;
  try {
    await session.query("CREATE EXTENSION IF NOT EXISTS vector");
  } catch (thrown) {
    const error = toPostgresError(thrown, { unavailable: "setup-failed", otherwise: "setup-failed" });
    const hint =
      sqlState(thrown) === "42501"
        ? "Ask an administrator of the database to run once: CREATE EXTENSION vector"
        : "Install pgvector on the server (https://github.com/pgvector/pgvector), such as the package postgresql-15-pgvector; a PGlite of yours needs it among its extensions.";
    throw new SluiceError("setup-failed", `the extension vector cannot be made: ${error.message}`, {
      hint,
      cause: error.cause,
    });
  }
}

async function ensureSchema(session: Session, schema: string): Promise<void> {
  const there = await session.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1::text", [
    schema,
  ]);
  if (there.length === 0) await session.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
}

async function run(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.script(statement);
}

function explain(thrown: unknown, { name }: TableChange): SluiceError {
  const error = toPostgresError(thrown, { unavailable: "target-unavailable", otherwise: "setup-failed" });
  const hint = hints[sqlState(thrown) ?? ""] ?? error.hint;
  if (hint === error.hint) return error;
  return new SluiceError(error.code, `table ${quoteTable(name)}: ${error.message}`, {
    hint,
    cause: error.cause,
  });
}

const hints: Readonly<Record<string, string>> = {
  "2BP01":
    "Something of yours depends on it, such as a view: drop that first, or make it an attachment of the export.",
  "42704": "A type or a text search configuration is not there. halfvec needs pgvector 0.7 or newer.",
  "55P03":
    "Others use the table: try again when they have ended, or set lock_timeout for the user of the connection.",
};
