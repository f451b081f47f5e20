import { equalBytes } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import type { Environment } from "./environment.ts";
import { type RowPlace, readKeyed, replaceKeyed } from "./keyed-records.ts";
import { memoKey } from "./keys.ts";
import { putLastPlace, putMemoRecord, putMemoResult, readLastPlace, readMemoRecord } from "./memo-records.ts";

const digitsOfFingerprint = 32;
/** Memos whose changes are held before they are written, whatever else comes: a flow that goes may have millions. */
const mostHeld = 65_536;

/**
 * What one write does to memos, gathered first: a result that comes with the row that refers to it, or one that many
 * rows of a write refer to, costs one change of its count and no mark that would go at once.
 */
export class MemoWrites {
  readonly #environment: Environment;
  /** What results that are without a reference now are marked with. */
  readonly #now: number;
  readonly #results = new Map<Fingerprint, Uint8Array>();
  /** By how much the references to each memo grow. */
  readonly #references = new Map<Fingerprint, number>();

  /** Null where no result has come that is new. */
  #lastPlace: number | null = null;

  constructor(environment: Environment, now: number) {
    this.#environment = environment;
    this.#now = now;
  }

  put(fingerprint: Fingerprint, result: Uint8Array): void {
    this.#results.set(fingerprint, result);
    this.#change(fingerprint, 0);
  }

  /** Lets a row refer to just these memos. */
  refer(row: { readonly place: RowPlace; readonly key: Uint8Array }, wanted: readonly Fingerprint[]): void {
    const { tree } = this.#environment;
    const now = new Set(wanted);
    const packed = Buffer.from([...now].join(""), "hex");
    const stored = readKeyed(tree, "rowMemos", row.place, row.key);
    if (stored ? equalBytes(stored, packed) : packed.length === 0) return;
    const before = new Set(stored ? splitFingerprints(stored) : []);
    for (const fingerprint of now) if (!before.has(fingerprint)) this.#change(fingerprint, 1);
    for (const fingerprint of before) if (!now.has(fingerprint)) this.#change(fingerprint, -1);
    replaceKeyed(tree, { kind: "rowMemos", ...row }, packed.length === 0 ? null : packed);
  }

  /** Gives back all references of a row whose list is known. */
  release(packed: Uint8Array): void {
    for (const fingerprint of splitFingerprints(packed)) this.#change(fingerprint, -1);
    if (this.#references.size >= mostHeld) this.close();
  }

  /** Writes what was gathered, in the order of the keys. */
  close(): void {
    const changes = [...this.#references].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [fingerprint, by] of changes) this.#write(fingerprint, by);
    if (this.#lastPlace !== null) putLastPlace(this.#environment.tree, this.#lastPlace);
    this.#lastPlace = null;
    this.#results.clear();
    this.#references.clear();
  }

  #change(fingerprint: Fingerprint, by: number): void {
    this.#references.set(fingerprint, (this.#references.get(fingerprint) ?? 0) + by);
  }

  #write(fingerprint: Fingerprint, by: number): void {
    const { tree, file } = this.#environment;
    const result = this.#results.get(fingerprint);
    const before = readMemoRecord(tree, file, fingerprint);
    const references = Math.max(0, before.references + by);
    const place = result && before.place === 0 ? this.#nextPlace() : before.place;
    if (result) putMemoResult(tree, place, fingerprint, result);
    if (references !== before.references || place !== before.place)
      putMemoRecord(tree, fingerprint, { references, place });
    if (references === 0 && place > 0) this.#mark(fingerprint);
    else if (before.references === 0 && before.place > 0) this.#unmark(fingerprint);
  }

  #nextPlace(): number {
    const { tree, file } = this.#environment;
    this.#lastPlace ??= readLastPlace(tree, file);
    return ++this.#lastPlace;
  }

  #mark(fingerprint: Fingerprint): void {
    const content = Buffer.allocUnsafe(8);
    content.writeDoubleLE(this.#now);
    this.#environment.tree.put(memoKey("memoUnreferenced", fingerprint), content);
  }

  #unmark(fingerprint: Fingerprint): void {
    const { tree } = this.#environment;
    const key = memoKey("memoUnreferenced", fingerprint);
    if (tree.has(key)) tree.remove(key);
  }
}

function splitFingerprints(packed: Uint8Array): Fingerprint[] {
  const text = Buffer.from(packed.buffer, packed.byteOffset, packed.length).toString("hex");
  const split: Fingerprint[] = [];
  for (let at = 0; at < text.length; at += digitsOfFingerprint)
    split.push(text.slice(at, at + digitsOfFingerprint) as Fingerprint);
  return split;
}
