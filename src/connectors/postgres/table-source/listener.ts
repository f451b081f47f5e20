import { SluiceError } from "../../../errors/index.ts";
import type { Database, Session } from "../database.ts";
import { quoteIdentifier } from "../identifiers.ts";
import { lendClient } from "./snapshot.ts";

/** A connection that listens on a channel. */
export interface Listener extends Pick<Session, "query"> {
  close(): Promise<void>;
}

export interface Hearing {
  notified(payload: string): void;
  /** The connection is gone, and with it what was notified since. */
  lost(error: unknown): void;
}

/** Listens on a channel with a client of its own; nothing is missed from when it resolves. */
export async function listen(
  { driver, query }: Database,
  channel: string,
  { notified, lost }: Hearing,
): Promise<Listener> {
  if (driver.kind === "pglite") {
    const unlisten = await driver.client.listen(channel, notified);
    return { query, close: unlisten };
  }
  const client = await lendClient(driver.pool);
  const hear = (message: unknown) => {
    const heard = message as { readonly channel: string; readonly payload?: string };
    if (heard.channel === channel) notified(heard.payload ?? "");
  };
  const end = () => lost(new SluiceError("watch-failed", "the connection to the database was lost"));
  client.on("notification", hear);
  client.on("error", lost);
  client.on("end", end);
  // Closed and not lent again: whoever got it next would be sent what it listens for.
  const close = async () => {
    client.removeListener("notification", hear);
    client.removeListener("error", lost);
    client.removeListener("end", end);
    client.release(true);
  };
  try {
    await client.query(`LISTEN ${quoteIdentifier(channel)}`);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { query: async (text, values) => (await client.query(text, values && [...values])).rows, close };
}
