import type { Fingerprint } from "../../values/fingerprint.ts";
import { kinds, memoPlaceKey, numberedKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/** How many new entries are gathered until they are sorted in. */
const mostNew = 32_768;

/** How many are held that were looked for lately. */
const mostSought = 16_384;

const fingerprintBytes = 16;
const entryBytes = fingerprintBytes + 8;
const stateKey = Buffer.of(kinds.memoNewState);

/** Which lists of new entries there are, how many entries they have, and how often entries were removed. */
interface NewState {
  readonly first: number;
  readonly end: number;
  readonly entries: number;
  readonly removals: number;
}

const noneNew: NewState = { first: 1, end: 1, entries: 0, removals: 0 };

/**
 * Where the memo of a fingerprint lies. Fingerprints come in no order, so that each one that is put where it belongs
 * changes a page of its own. New ones are therefore written as lists, one for each write, and held in memory; when
 * they have become many all are put where they belong at once, which changes each page for many of them.
 */
export class MemoIndex {
  readonly #tree: Tree;
  readonly #file: string;
  /** The lists that are held; null where that is not known. */
  #held: NewState | null = null;
  readonly #new = new Map<Fingerprint, number>();
  /**
   * What was found lately where it belongs, 0 for nothing: a result is put soon after it was found to be missing, and
   * a row refers to a memo soon after it was read.
   */
  readonly #sought = new Map<Fingerprint, number>();

  constructor(tree: Tree, file: string) {
    this.#tree = tree;
    this.#file = file;
  }

  /** Takes in what other processes have written: before the first look in a transaction, or after the tree was refreshed. */
  refresh(): void {
    const state = this.#readState();
    const held = this.#held;
    if (held !== null && isSame(held, state)) return;
    const isLater = held !== null && held.first === state.first && held.end < state.end;
    this.forget();
    this.#sought.clear();
    if (!isLater) this.#new.clear();
    for (let list = isLater ? held.end : state.first; list < state.end; list++) this.#hold(list);
    if (this.#new.size !== state.entries) throw this.#damage();
    this.#held = state;
  }

  /** What is held may not be what is stored: a transaction was given up. */
  forget(): void {
    this.#held = null;
  }

  /** Where the memo lies; 0 where there is none. */
  placeOf(fingerprint: Fingerprint): number {
    const known = this.#new.get(fingerprint) ?? this.#sought.get(fingerprint);
    if (known !== undefined) return known;
    const place = placeOf(this.#tree, this.#file, fingerprint);
    if (this.#sought.size === mostSought) this.#sought.clear();
    this.#sought.set(fingerprint, place);
    return place;
  }

  /** Adds entries of fingerprints that have none. Within a transaction, after `refresh`. */
  add(entries: ReadonlyMap<Fingerprint, number>): void {
    if (entries.size === 0) return;
    const state = this.#readState();
    this.#tree.put(numberedKey("memoNew", state.end), packEntries(entries));
    for (const [fingerprint, place] of entries) {
      this.#new.set(fingerprint, place);
      this.#sought.delete(fingerprint);
    }
    this.#putState({ ...state, end: state.end + 1, entries: state.entries + entries.size });
    if (this.#new.size >= mostNew) this.sortIn();
  }

  /** Removes entries. Within a transaction, after `refresh`. */
  remove(fingerprints: readonly Fingerprint[]): void {
    if (fingerprints.length === 0) return;
    this.sortIn();
    for (const fingerprint of fingerprints) {
      this.#tree.remove(memoPlaceKey(fingerprint));
      this.#sought.delete(fingerprint);
    }
    const state = this.#readState();
    this.#putState({ ...state, removals: state.removals + 1 });
  }

  /** Puts all new entries where they belong. Within a transaction, after `refresh`. */
  sortIn(): void {
    const state = this.#readState();
    const { first, end } = state;
    if (first === end) return;
    const entries = [...this.#new];
    for (const at of inRoughOrder(entries)) putPlace(this.#tree, ...entries[at]!);
    for (let list = first; list < end; list++) this.#tree.remove(numberedKey("memoNew", list));
    this.#new.clear();
    this.#putState({ ...state, first: end, entries: 0 });
  }

  #hold(list: number): void {
    const content = this.#tree.get(numberedKey("memoNew", list), () => this.#damage());
    if (content === undefined) throw this.#damage();
    const entries = Buffer.from(content.buffer, content.byteOffset, content.length);
    for (let at = 0; at < entries.length; at += entryBytes) {
      const fingerprint = entries.toString("hex", at, at + fingerprintBytes) as Fingerprint;
      this.#new.set(fingerprint, readPlace(entries, at + fingerprintBytes));
    }
  }

  #readState(): NewState {
    const content = this.#tree.get(stateKey, () => this.#damage());
    if (content === undefined) return noneNew;
    const [first, end, entries, removals] = [0, 8, 16, 24].map((at) => readPlace(content, at));
    return { first: first!, end: end!, entries: entries!, removals: removals! };
  }

  #putState(state: NewState): void {
    putState(this.#tree, state);
    this.#held = state;
  }

  #damage(): Error {
    return damaged(this.#file, "the list of new memos");
  }
}

/** The place of an entry that is where it belongs; 0 where there is none. */
export function placeOf(tree: Tree, file: string, fingerprint: Fingerprint): number {
  const content = tree.get(memoPlaceKey(fingerprint), () =>
    damaged(file, `the place of memo ${fingerprint}`),
  );
  return content ? readPlace(content, 0) : 0;
}

/** Has all who hold something of the index look anew, once entries were put where they belong past it. */
export function startIndex(tree: Tree): void {
  putState(tree, { ...noneNew, removals: 1 });
}

/** Puts an entry where it belongs. */
export function putPlace(tree: Tree, fingerprint: Fingerprint, place: number): void {
  const content = Buffer.allocUnsafe(8);
  content.writeDoubleLE(place);
  tree.put(memoPlaceKey(fingerprint), content);
}

function putState(tree: Tree, { first, end, entries, removals }: NewState): void {
  const content = Buffer.allocUnsafe(32);
  content.writeDoubleLE(first, 0);
  content.writeDoubleLE(end, 8);
  content.writeDoubleLE(entries, 16);
  content.writeDoubleLE(removals, 24);
  tree.put(stateKey, content);
}

function isSame(a: NewState, b: NewState): boolean {
  return a.first === b.first && a.end === b.end && a.removals === b.removals;
}

function packEntries(entries: ReadonlyMap<Fingerprint, number>): Uint8Array {
  const packed = Buffer.allocUnsafe(entries.size * entryBytes);
  let at = 0;
  for (const [fingerprint, place] of entries) {
    packed.write(fingerprint, at, "hex");
    packed.writeDoubleLE(place, at + fingerprintBytes);
    at += entryBytes;
  }
  return packed;
}

function readPlace(content: Uint8Array, at: number): number {
  return new DataView(content.buffer, content.byteOffset).getFloat64(at, true);
}

/**
 * The indexes of entries in the order of the first 16 bits of their fingerprints: as near to their order as pages ask
 * for, and a tenth of the time.
 */
function* inRoughOrder(entries: readonly [Fingerprint, number][]): Generator<number> {
  for (let from = 0; from < entries.length; from += 65_536) {
    const keys = Uint32Array.from(entries.slice(from, from + 65_536), ([fingerprint], i) => {
      return Number.parseInt(fingerprint.slice(0, 4), 16) * 65_536 + i;
    });
    for (const key of keys.sort()) yield from + (key % 65_536);
  }
}
