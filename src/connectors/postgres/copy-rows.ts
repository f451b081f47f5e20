import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { isSluiceError } from "../../errors/index.ts";
import type { Database, Session } from "./database.ts";
import { quoteIdentifier } from "./identifiers.ts";
import { type TextRow, upsertFrom, type WrittenTable } from "./write-rows.ts";

/** From how many rows in one call on a COPY is worth a temporary table. */
export const copiedFrom = 2_000;
const pieceLength = 2 ** 16;
const staging = "sluice_rows";

/**
 * Inserts rows, and replaces those whose keys are there, by a COPY into a temporary table; false where that cannot be
 * done or is not worth it: for few rows, in a PGlite, without the package pg-copy-streams, with a client that takes no
 * streams, or where the user may make no temporary table.
 */
export async function copyRows(
  session: Session,
  database: Database,
  { table, rows }: { readonly table: WrittenTable; readonly rows: readonly TextRow[] },
): Promise<boolean> {
  if (rows.length < copiedFrom || database.driver.kind !== "pg" || !takesStreams(session.client))
    return false;
  const from = await copyStream();
  if (from === null || !(await mayMakeTemporary(session))) return false;
  const columns = table.columns.map(({ castType }, i) => `c${i} ${castType}`).join(", ");
  await session.query(`CREATE TEMPORARY TABLE ${staging} (${columns}) ON COMMIT DROP`);
  const stream = session.client.query(from(`COPY pg_temp.${quoteIdentifier(staging)} FROM STDIN`));
  await pipeline(Readable.from(pieces(rows)), stream);
  await session.query(upsertFrom(table, `pg_temp.${quoteIdentifier(staging)} AS given`));
  await session.query(`DROP TABLE pg_temp.${quoteIdentifier(staging)}`);
  return true;
}

type CopyStream = (text: string) => Writable;

async function copyStream(): Promise<CopyStream | null> {
  try {
    return (await optionalPackage("pg-copy-streams", () => import("pg-copy-streams"))).from;
  } catch (thrown) {
    if (isSluiceError(thrown)) return null;
    throw thrown;
  }
}

/** The pure JavaScript client has a connection to hand over; the native one has not. */
function takesStreams(client: unknown): client is { query(stream: Writable): Writable } {
  return typeof client === "object" && client !== null && "connection" in client;
}

async function mayMakeTemporary(session: Session): Promise<boolean> {
  const [row] = await session.query(
    "SELECT has_database_privilege(current_database(), 'TEMPORARY')::text AS may",
  );
  return row?.may === "true";
}

/** Rows in the text format of COPY, in pieces that are neither many nor large. */
function* pieces(rows: readonly TextRow[]): Iterable<string> {
  let piece = "";
  for (const row of rows) {
    piece += `${row.map(copyText).join("\t")}\n`;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function copyText(cell: string | null): string {
  if (cell === null) return "\\N";
  return /[\\\n\r\t]/.test(cell) ? cell.replace(/[\\\n\r\t]/g, (character) => escapes[character]!) : cell;
}
