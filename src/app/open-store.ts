import { existsSync } from "node:fs";
import type { StateStore } from "../contracts/state-store.ts";
import { isSluiceError } from "../errors/index.ts";
import type { Settings } from "./settings.ts";

/** The store of these settings, made where it is not there yet. */
export async function openStore(settings: Settings): Promise<StateStore> {
  if (settings.store) return unclosable(settings.store);
  const { openLmdbStore } = await import("../stores/lmdb/index.ts");
  return openLmdbStore({ directory: settings.storeDirectory });
}

/** The store for reading only; null where there is none yet. */
export async function openStoreToRead(settings: Settings): Promise<StateStore | null> {
  if (settings.store) return unclosable(settings.store);
  // What opens the embedded store need not be loaded to see that there is none.
  if (!existsSync(settings.storeDirectory)) return null;
  const { openLmdbStore } = await import("../stores/lmdb/index.ts");
  try {
    return await openLmdbStore({ directory: settings.storeDirectory, readOnly: true });
  } catch (thrown) {
    // A process that was stopped while it made the store leaves a directory without one.
    if (isSluiceError(thrown) && thrown.code === "store-missing") return null;
    throw thrown;
  }
}

/** A store that the user configured is theirs to close. */
function unclosable(store: StateStore): StateStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "close") return async () => {};
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
