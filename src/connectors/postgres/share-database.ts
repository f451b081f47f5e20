import type { ConnectionReference, ConnectionValue } from "./connection.ts";
import { resolveReference } from "./connection.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./open-database.ts";

interface Shared {
  readonly opening: Promise<Database>;
  users: number;
}

/** By what the references stand for now. */
const shared = new Map<ConnectionValue, Shared>();

/** As {@link openDatabase}; those who use one at a time share it, and the last to close it closes it. */
export async function shareDatabase(reference: ConnectionReference): Promise<Database> {
  const value = resolveReference(reference);
  const found = shared.get(value) ?? { opening: openDatabase(reference), users: 0 };
  shared.set(value, found);
  found.users++;
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    found.users--;
    if (found.users > 0) return;
    shared.delete(value);
    await (await found.opening).close();
  };
  try {
    return { ...(await found.opening), close };
  } catch (thrown) {
    shared.delete(value);
    throw thrown;
  }
}
