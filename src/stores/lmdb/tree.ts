import { createRequire } from "node:module";
import type { RootDatabase } from "lmdb";
import { readFailure, writeFailure } from "./lmdb-errors.ts";
import { checksumBytes, encodeRecord, recordIsSound } from "./records.ts";

// Its CommonJS form is one file, the other a dozen, and this is on the way of every update that finds nothing to do.
const require = createRequire(import.meta.url);
const { open } = require("lmdb") as typeof import("lmdb");

/** A record as a walk meets it, in LMDB's own buffers: valid only within the visit. */
export interface Entry {
  key: Uint8Array;
  keyStart: number;
  keyEnd: number;
  value: Uint8Array;
  valueLength: number;
}

/** lmdb's own type with what it leaves out. */
type LmdbDatabase = RootDatabase<Uint8Array, Uint8Array> & {
  readonly lastSize: number;
  resetReadTxn(): void;
};

/**
 * LMDB as one ordered map of bytes. Of lmdb's ways to write this uses the synchronous transaction: it is durable
 * when it returns, throws every error, and prints none. The asynchronous one waits for the disk elsewhere, but
 * prints its failures, can be left locked by one, and in 3.5.6 on Node 20 never came back.
 */
export class Tree {
  readonly #db: LmdbDatabase;
  readonly #file: string;
  readonly #entry: Entry = { key: nothing, keyStart: 0, keyEnd: 0, value: nothing, valueLength: 0 };
  /** Grows with every put and remove: tells whether a failed step changed anything. */
  changes = 0;
  #inTransaction = false;

  constructor(file: string, options: { readonly readOnly: boolean }) {
    const entry = this.#entry;
    this.#file = file;
    let keys: Uint8Array = nothing;
    let values: Uint8Array = nothing;
    const keyEncoder = {
      writeKey(key: Uint8Array, target: Buffer, start: number) {
        target.set(key, start);
        return start + key.length;
      },
      // lmdb makes an object of every key and value that an iteration meets. These only note where they lie.
      readKey(target: Buffer, start: number, end: number) {
        if (target !== keys) {
          keys = target;
          entry.key = plainView(target);
        }
        entry.keyStart = start;
        entry.keyEnd = end;
        return nothing;
      },
    };
    const encoder = {
      encode: (value: Uint8Array) => value,
      decode(value: Uint8Array, length: number) {
        if (value !== values) {
          values = value;
          entry.value = plainView(value);
        }
        entry.valueLength = length;
        return nothing;
      },
    };
    const settings = { readOnly: options.readOnly, overlappingSync: false, keyEncoder, encoder };
    this.#db = open(file, settings as object) as LmdbDatabase;
  }

  /** Holds what is now the newest state for readers of the file itself, until the result is called. */
  pin(): () => void {
    this.#db.resetReadTxn();
    const transaction = this.#db.useReadTransaction();
    return () => transaction.done();
  }

  /** The next reads see all that was committed before, by any process. */
  refresh(): void {
    if (!this.#inTransaction) this.#db.resetReadTxn();
  }

  /** The bytes under a key; a view that is valid until the next call. Not a Buffer, whose `slice` does not copy. */
  getRaw(key: Uint8Array): Uint8Array | undefined {
    try {
      const found = this.#db.getBinaryFast(key);
      return found && new Uint8Array(found.buffer, found.byteOffset, this.#db.lastSize);
    } catch (thrown) {
      throw readFailure(thrown, this.#file);
    }
  }

  /** The content of the record under a key, a view; `damage` is called when it is not what was written. */
  get(key: Uint8Array, damage: () => Error): Uint8Array | undefined {
    const record = this.getRaw(key);
    if (record === undefined) return undefined;
    if (!recordIsSound(key, record)) throw damage();
    return record.subarray(checksumBytes);
  }

  has(key: Uint8Array): boolean {
    return this.getRaw(key) !== undefined;
  }

  put(key: Uint8Array, ...content: readonly Uint8Array[]): void {
    this.putRaw(key, encodeRecord(key, ...content));
  }

  putRaw(key: Uint8Array, record: Uint8Array): void {
    this.changes++;
    this.#db.putSync(key, record);
  }

  remove(key: Uint8Array): void {
    this.changes++;
    this.#db.removeSync(key);
  }

  /** Visits entries from `start` up to `end` in order, until the visit says false. */
  walk(start: Uint8Array, end: Uint8Array, visit: (entry: Entry) => boolean): void {
    let iterator: Iterator<unknown> | undefined;
    try {
      iterator = this.#db.getRange({ start, end })[Symbol.iterator]();
      while (!iterator.next().done) {
        if (!visit(this.#entry)) break;
      }
    } catch (thrown) {
      throw readFailure(thrown, this.#file);
    } finally {
      iterator?.return?.();
    }
  }

  /** Copies of the keys that begin with a prefix, `limit` at most. */
  keysFrom(start: Uint8Array, end: Uint8Array, limit: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    this.walk(start, end, ({ key, keyStart, keyEnd }) => keys.push(key.slice(keyStart, keyEnd)) < limit);
    return keys;
  }

  /** Runs `step` in a transaction that is durable when this returns, or that never was when this throws. */
  transact<T>(step: () => T): T {
    this.#inTransaction = true;
    try {
      return this.#db.transactionSync(step);
    } catch (thrown) {
      throw writeFailure(thrown, this.#file);
    } finally {
      this.#inTransaction = false;
    }
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}

/** lmdb hangs properties of its own on its buffers, which makes reading a byte of them slow. */
function plainView({ buffer, byteOffset }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset);
}

const nothing = new Uint8Array(0);
