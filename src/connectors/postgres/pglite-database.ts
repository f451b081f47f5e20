import type { PgliteSessionShape, PgliteShape, SqlRow } from "./client-shapes.ts";
import type { Database, Session } from "./database.ts";

/** A database that runs in this process; `close` is what closing it does. */
export function pgliteDatabase(client: PgliteShape, close: () => Promise<void>): Database {
  return {
    ...sessionOf(client),
    driver: { kind: "pglite", client },
    async transaction<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
      signal?.throwIfAborted();
      const done = await client.transaction(async (session) => {
        const result = await work(sessionOf(session));
        signal?.throwIfAborted();
        return { result };
      });
      // Undefined only where the work had rolled back itself.
      return (done as { readonly result: T }).result;
    },
    close,
  };
}

function sessionOf(client: PgliteSessionShape): Session {
  return {
    client,
    script: async (text) => {
      await client.exec(text);
    },
    query: async (text, values) =>
      (await client.query(text, values && [...values])).rows as readonly SqlRow[],
  };
}
