import { optionalPackage } from "../../contracts/optional-package.ts";
import { SluiceError } from "../../errors/index.ts";
import type { PgPoolClientShape, PgPoolShape } from "./client-shapes.ts";
import type { PgPoolOptions } from "./connection.ts";
import type { Database, Session } from "./database.ts";
import { isCollision } from "./sql-error.ts";

const connectTimeoutMs = 15_000;
const attempts = 3;

/** A database behind a pool that is made here and closed with it. */
export async function openPgPool(options: PgPoolOptions): Promise<Database> {
  const { default: pg } = await optionalPackage("pg", () => import("pg"));
  const pool = new pg.Pool({
    max: 4,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: "sluice",
    keepAlive: true,
    ...options,
  });
  // A connection that is lost while nobody uses it is no news: the next one to be lent is made anew.
  pool.on("error", ignore);
  let closed: Promise<void> | null = null;
  const close = () => {
    closed ??= pool.end();
    return closed;
  };
  return pgDatabase(pool, close);
}

/** A database behind a pool; `close` is what closing it does. */
export function pgDatabase(pool: PgPoolShape, close: () => Promise<void>): Database {
  return {
    driver: { kind: "pg", pool },
    client: pool,
    script: async (text) => {
      await pool.query(text);
    },
    query: async (text, values) => (await pool.query(text, values && [...values])).rows,
    async transaction(work, signal) {
      for (let made = 1; ; made++) {
        try {
          return await runTransaction(pool, work, signal);
        } catch (thrown) {
          if (made === attempts || !isCollision(thrown)) throw thrown;
        }
      }
    },
    close,
  };
}

async function runTransaction<T>(
  pool: PgPoolShape,
  work: (session: Session) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const lent = await borrow(pool, signal);
  try {
    await lent.client.query("BEGIN");
    const result = await work(sessionOf(lent.client));
    signal?.throwIfAborted();
    await lent.client.query("COMMIT");
    lent.giveBack();
    return result;
  } catch (thrown) {
    await lent.rollBack();
    signal?.throwIfAborted();
    throw thrown;
  }
}

function sessionOf(client: PgPoolClientShape): Session {
  return {
    client,
    script: async (text) => {
      await client.query(text);
    },
    query: async (text, values) => (await client.query(text, values && [...values])).rows,
  };
}

/** A client that is closed when the signal aborts, so that what it runs ends and is rolled back by the server. */
async function borrow(pool: PgPoolShape, signal: AbortSignal | undefined) {
  const client = await pool.connect();
  // A `pg.Client` has the methods of a pool, and its connect() yields nothing.
  if (typeof client?.release !== "function") {
    throw new SluiceError("connection-missing", "the named connection is a single client, not a pool", {
      hint: "Give defineConnection a pg.Pool.",
    });
  }
  client.on("error", ignore);
  let isLent = true;
  const giveBack = (destroy?: boolean) => {
    if (!isLent) return;
    isLent = false;
    signal?.removeEventListener("abort", abandon);
    client.removeListener("error", ignore);
    if (destroy) client.on("error", ignore);
    client.release(destroy);
  };
  const abandon = () => giveBack(true);
  signal?.addEventListener("abort", abandon);
  const rollBack = async () => {
    if (!isLent) return;
    try {
      await client.query("ROLLBACK");
      giveBack();
    } catch {
      giveBack(true);
    }
  };
  return { client, giveBack, rollBack };
}

/** The statement that runs meanwhile says it, and so does the next one. */
function ignore(): void {}
