import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readBootId } from "./process-identity.ts";

/** How the store's file looked when it was last known to be whole. */
interface SeenFile {
  readonly transaction: number;
  readonly size: number;
  readonly modified: string;
  readonly changed: string;
  readonly inode: string;
  readonly boot: string | null;
}

/**
 * A small file beside the store that tells whether the store was touched by anything but us since it was last
 * known to be whole: then, after a crash and after a reboot, opening walks all of it. What a rolled-back or
 * emptied file had forgotten shows here too.
 */
export class SeenMark {
  readonly #path: string;
  readonly #store: string;

  constructor(store: string) {
    this.#store = store;
    this.#path = `${store}-seen`;
  }

  /** The newest transaction that the store is known to have had; null when that is not known. */
  get transaction(): number | null {
    return this.#read()?.transaction ?? null;
  }

  /** Whether the file is, to all appearances, what it was. */
  matches(transaction: number): boolean {
    return JSON.stringify(this.#read()) === JSON.stringify(this.#look(transaction));
  }

  /** Notes how the file looks now. A failure costs the next opening a walk, and is no more than that. */
  note(transaction: number): void {
    const half = `${this.#path}.${process.pid}`;
    try {
      writeFileSync(half, JSON.stringify(this.#look(transaction)));
      renameSync(half, this.#path);
    } catch {
      rmSync(half, { force: true });
    }
  }

  #look(transaction: number): SeenFile {
    const { size, mtimeNs, ctimeNs, ino } = statSync(this.#store, { bigint: true });
    return {
      transaction,
      size: Number(size),
      modified: String(mtimeNs),
      changed: String(ctimeNs),
      inode: String(ino),
      boot: readBootId(),
    };
  }

  #read(): SeenFile | null {
    try {
      return JSON.parse(readFileSync(this.#path, "utf8")) as SeenFile;
    } catch {
      return null;
    }
  }
}
