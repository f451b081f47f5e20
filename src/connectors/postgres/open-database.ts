import { isPglite, isPgPool } from "./client-shapes.ts";
import { type ConnectionReference, resolveReference } from "./connection.ts";
import type { Database } from "./database.ts";
import { stripUrl } from "./database-url.ts";
import { openPgPool, pgDatabase } from "./pg-database.ts";
import { pgliteDatabase } from "./pglite-database.ts";

/**
 * Opens the database that a reference stands for. Nothing is connected before the first statement. A pool or PGlite of
 * the user's is used and never closed.
 *
 * @throws SluiceError `connection-missing`, `secret-missing`, `package-missing`; `spec-invalid` for a URL that is none
 */
export async function openDatabase(reference: ConnectionReference): Promise<Database> {
  const value = resolveReference(reference);
  if (typeof value === "string") {
    // Checked, so that no driver complains of a URL by printing it.
    stripUrl(value);
    return openPgPool({ connectionString: value });
  }
  if (isPglite(value)) return pgliteDatabase(value, leaveOpen);
  if (isPgPool(value)) return pgDatabase(value, leaveOpen);
  return openPgPool({ ...value });
}

async function leaveOpen(): Promise<void> {}
