import { equalBytes } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import type { Environment } from "./environment.ts";
import { type RowPlace, readKeyed, replaceKeyed } from "./keyed-records.ts";
import { numberedKey } from "./keys.ts";
import { packPlaces, unpackPlaces } from "./memo-places.ts";
import { changeReferences } from "./memo-references.ts";
import { putAwaited, putLastPlace, putMemoResult, readLastPlace, removeAwaited } from "./memo-results.ts";

/** Memos whose changes are held before they are written, whatever else comes: a flow that goes may have millions. */
const mostHeld = 65_536;

/**
 * What one write does to memos, gathered first: a result that comes with the row that refers to it, or one that many
 * rows of a write refer to, costs one change of its number of references and no mark that would go at once.
 */
export class MemoWrites {
  readonly #environment: Environment;
  /** What results that are without a reference now are marked with. */
  readonly #now: number;
  /** Places that were given out here. */
  readonly #new = new Map<Fingerprint, number>();
  /** Those of them whose results have not come. */
  readonly #awaited = new Set<Fingerprint>();
  /** The places of results that came. */
  readonly #results = new Set<number>();
  /** By how much the references to the memo at each place grow. */
  readonly #references = new Map<number, number>();
  /** Null where no place was given out since they were written last. */
  #lastPlace: number | null = null;
  #isFresh = false;

  constructor(environment: Environment, now: number) {
    this.#environment = environment;
    this.#now = now;
  }

  put(fingerprint: Fingerprint, result: Uint8Array): void {
    const { tree } = this.#environment;
    const known = this.#placeOf(fingerprint);
    const place = known === 0 ? this.#give(fingerprint) : known;
    if (known !== 0) removeAwaited(tree, place);
    putMemoResult(tree, place, fingerprint, result);
    this.#results.add(place);
    this.#change(place, 0);
  }

  /** Lets a row refer to just these memos. */
  refer(row: { readonly place: RowPlace; readonly key: Uint8Array }, wanted: readonly Fingerprint[]): void {
    const { tree } = this.#environment;
    const now = new Set(wanted.map((fingerprint) => this.#placeOf(fingerprint) || this.#await(fingerprint)));
    const packed = packPlaces(now);
    const stored = readKeyed(tree, "rowMemos", row.place, row.key);
    if (stored ? equalBytes(stored, packed) : packed.length === 0) return;
    const before = new Set(stored ? unpackPlaces(stored) : []);
    for (const place of now) if (!before.has(place)) this.#change(place, 1);
    for (const place of before) if (!now.has(place)) this.#change(place, -1);
    replaceKeyed(tree, { kind: "rowMemos", ...row }, packed.length === 0 ? null : packed);
  }

  /** Gives back all references of a row whose list is known. */
  release(packed: Uint8Array): void {
    for (const place of unpackPlaces(packed)) this.#change(place, -1);
    if (this.#references.size >= mostHeld) this.close();
  }

  /** Writes what was gathered. */
  close(): void {
    const { tree, file, memos } = this.#environment;
    for (const fingerprint of this.#awaited) putAwaited(tree, this.#new.get(fingerprint)!, fingerprint);
    memos.add(this.#new);
    if (this.#lastPlace !== null) putLastPlace(tree, this.#lastPlace);
    if (this.#references.size > 0) changeReferences(tree, file, this.#references, this.#mark);
    this.#awaited.clear();
    this.#new.clear();
    this.#results.clear();
    this.#references.clear();
    this.#lastPlace = null;
  }

  #placeOf(fingerprint: Fingerprint): number {
    const { memos } = this.#environment;
    if (!this.#isFresh) memos.refresh();
    this.#isFresh = true;
    return this.#new.get(fingerprint) ?? memos.placeOf(fingerprint);
  }

  /** Gives a place to a memo whose result has not come yet. */
  #await(fingerprint: Fingerprint): number {
    this.#awaited.add(fingerprint);
    return this.#give(fingerprint);
  }

  #give(fingerprint: Fingerprint): number {
    const { tree, file } = this.#environment;
    this.#lastPlace ??= readLastPlace(tree, file);
    this.#new.set(fingerprint, ++this.#lastPlace);
    return this.#lastPlace;
  }

  #change(place: number, by: number): void {
    this.#references.set(place, (this.#references.get(place) ?? 0) + by);
  }

  /** A memo without a reference has the time since which it has none. */
  readonly #mark = (place: number, before: number, after: number): void => {
    const { tree } = this.#environment;
    const key = numberedKey("memoUnreferenced", place);
    if (after > 0) {
      if (before === 0 && tree.has(key)) tree.remove(key);
    } else if (before > 0 || this.#results.has(place)) {
      const content = Buffer.allocUnsafe(8);
      content.writeDoubleLE(this.#now);
      tree.put(key, content);
    }
  };
}
