import { SluiceError } from "../../../errors/index.ts";
import type { PgPoolClientShape, PgPoolShape } from "../client-shapes.ts";
import type { Database, Session } from "../database.ts";

/** A session that sees the database as it is when its first statement runs, however long it lasts. */
export interface Snapshot extends Pick<Session, "query"> {
  close(): Promise<void>;
}

/**
 * Opens a snapshot. A PGlite has one session for all, which nobody may keep: there each statement sees what is there
 * by then.
 */
export async function openSnapshot({ driver, query }: Database, signal: AbortSignal): Promise<Snapshot> {
  if (driver.kind === "pglite") return { query, close: async () => {} };
  const client = await lendClient(driver.pool);
  let isOpen = true;
  const giveBack = (destroy: boolean) => {
    if (!isOpen) return;
    isOpen = false;
    signal.removeEventListener("abort", abandon);
    if (!destroy) client.removeListener("error", ignore);
    client.release(destroy);
  };
  // What runs ends with its connection.
  const abandon = () => giveBack(true);
  signal.addEventListener("abort", abandon);
  const close = async () => {
    if (!isOpen) return;
    await client.query("ROLLBACK").then(
      () => giveBack(false),
      () => giveBack(true),
    );
  };
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // It waits for rows to be processed, which may take as long as it takes.
    await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
  } catch (thrown) {
    giveBack(true);
    throw thrown;
  }
  return { query: async (text, values) => (await client.query(text, values && [...values])).rows, close };
}

/** A client of a pool, whose errors while nothing runs are no news: the next statement says them. */
export async function lendClient(pool: PgPoolShape): Promise<PgPoolClientShape> {
  const client = await pool.connect();
  if (typeof client?.release !== "function") {
    throw new SluiceError("connection-missing", "the named connection is a single client, not a pool", {
      hint: "Give defineConnection a pg.Pool.",
    });
  }
  client.on("error", ignore);
  return client;
}

function ignore(): void {}
