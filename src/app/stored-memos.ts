import type { StateStore } from "../contracts/state-store.ts";
import { isSluiceError } from "../errors/index.ts";
import type { Fingerprint } from "../values/index.ts";
import { openStoreToRead } from "./open-store.ts";
import type { Settings } from "./settings.ts";

/**
 * The memos of a store, which is opened when the first is asked for. They only save work: of a store that cannot be
 * read there are none.
 */
export class StoredMemos {
  readonly #settings: Settings;
  readonly #tellUnreadable: (why: string) => void;
  #store: Promise<StateStore | null> | null = null;
  #closed = false;

  constructor(settings: Settings, tellUnreadable: (why: string) => void) {
    this.#settings = settings;
    this.#tellUnreadable = tellUnreadable;
  }

  async get(memo: Fingerprint): Promise<Uint8Array | null> {
    // Work that was given up goes on until it would call something.
    if (this.#closed) return null;
    this.#store ??= openStoreToRead(this.#settings).catch((thrown: unknown) => this.#unreadable(thrown));
    try {
      const [stored] = (await (await this.#store)?.readMemos([memo])) ?? [];
      return stored ?? null;
    } catch (thrown) {
      return this.#unreadable(thrown);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#store)?.close();
  }

  #unreadable(thrown: unknown): null {
    if (!isSluiceError(thrown)) throw thrown;
    this.#tellUnreadable(thrown.message);
    return null;
  }
}
