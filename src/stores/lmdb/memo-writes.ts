import { equalBytes } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import type { Environment } from "./environment.ts";
import { type RowPlace, readKeyed, replaceKeyed } from "./keyed-records.ts";
import { memoKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";

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
    this.#results.clear();
    this.#references.clear();
  }

  #change(fingerprint: Fingerprint, by: number): void {
    this.#references.set(fingerprint, (this.#references.get(fingerprint) ?? 0) + by);
  }

  #write(fingerprint: Fingerprint, by: number): void {
    const { tree } = this.#environment;
    const result = this.#results.get(fingerprint);
    if (result) tree.put(memoKey("memoResult", fingerprint), result);
    const before = this.#readReferences(fingerprint);
    const after = Math.max(0, before + by);
    if (after !== before) this.#putReferences(fingerprint, after);
    if (after === 0 && (result || tree.has(memoKey("memoResult", fingerprint)))) this.#mark(fingerprint);
    else if (after > 0 && before === 0) this.#unmark(fingerprint);
  }

  #readReferences(fingerprint: Fingerprint): number {
    const { tree, file } = this.#environment;
    const damage = () => damaged(file, `the references of memo ${fingerprint}`);
    const content = tree.get(memoKey("memoReferences", fingerprint), damage);
    return content ? new DataView(content.buffer, content.byteOffset).getUint32(0, true) : 0;
  }

  #putReferences(fingerprint: Fingerprint, references: number): void {
    const { tree } = this.#environment;
    const key = memoKey("memoReferences", fingerprint);
    if (references === 0) {
      tree.remove(key);
      return;
    }
    const content = Buffer.allocUnsafe(4);
    content.writeUInt32LE(references);
    tree.put(key, content);
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
