import { crc32 } from "node:zlib";
import type { ScanPage } from "../../contracts/state-store.ts";
import { compareBytes } from "../../kernel/bytes.ts";
import { copyWithCrc } from "./copy-with-crc.ts";
import { damagedKeyed, type KeyedPlace, placePrefix, splitLong } from "./keyed-records.ts";
import {
  after,
  headBytes,
  isLongKey,
  justAfter,
  type KeyedKind,
  keyedPrefixBytes,
  longKeyBytes,
} from "./keys.ts";
import { checksumBytes, readUint32, recordIsSound } from "./records.ts";
import type { Entry, Tree } from "./tree.ts";

/** What a page holds, when the rows are not huge. */
const pageRows = 4096;
const pageBytes = 1 << 20;

interface LongRow {
  readonly key: Uint8Array;
  readonly version: Uint8Array;
}

/**
 * Fills pages of a scan from entries in LMDB's order: one buffer, no object a row. Long keys come out in their
 * true order, for which those that share a head are held until the last of them is there.
 */
export class PageBuilder {
  readonly #kind: KeyedKind;
  readonly #place: KeyedPlace;
  readonly #prefix: Uint8Array;
  /** The checksum of the prefix, with which that of every key begins. */
  readonly #seed: number;
  #bytes = new Uint8Array(64 * 1024);
  #ends = new Uint32Array(1024);
  #size = 0;
  #count = 0;
  /** Rows with long keys of one head, which LMDB orders by their hashes. */
  #run: LongRow[] = [];
  #runHead: Uint8Array | null = null;
  readonly #last = new Uint8Array(2048);
  #lastLength = 0;

  constructor(kind: KeyedKind, place: KeyedPlace) {
    this.#kind = kind;
    this.#place = place;
    this.#prefix = placePrefix(kind, place);
    this.#seed = crc32(this.#prefix);
  }

  /** Where the scan is: no key up to this one comes any more. Null before the first. */
  get last(): Uint8Array | null {
    return this.#lastLength === 0 ? null : this.#last.subarray(0, this.#lastLength);
  }

  /** The page after the last one, as the tree is now; null when nothing is left. */
  read(tree: Tree): ScanPage | null {
    this.#size = 0;
    this.#count = 0;
    const start = this.last ? justAfter(this.last) : this.#prefix;
    tree.walk(start, after(this.#prefix), (entry) => this.#take(entry));
    if (this.#runHead) this.#flushRun();
    return this.#count === 0 ? null : { count: this.#count, bytes: this.#bytes, ends: this.#ends };
  }

  /** Takes the entry, or says false when the page is full. A run of long keys is never split. */
  #take(entry: Entry): boolean {
    const long = isLongKey(entry.keyEnd - entry.keyStart - keyedPrefixBytes);
    if (this.#runHead && !(long && this.#isOfRun(entry))) this.#flushRun();
    if (!this.#runHead && (this.#count >= pageRows || this.#size >= pageBytes)) return false;
    if (long) this.#takeLong(entry);
    else this.#takeShort(entry);
    this.#lastLength = entry.keyEnd - entry.keyStart;
    for (let i = entry.keyStart, to = 0; i < entry.keyEnd; i++, to++) this.#last[to] = entry.key[i]!;
    return true;
  }

  #takeShort({ key, keyStart, keyEnd, value, valueLength }: Entry): void {
    const from = keyStart + keyedPrefixBytes;
    const start = this.#size;
    const keyAt = start + keyEnd - from;
    const end = keyAt + valueLength - checksumBytes;
    this.#reserve(end - start);
    const keySum = copyWithCrc(this.#bytes, start, key, from, keyEnd, this.#seed);
    const sum = copyWithCrc(this.#bytes, keyAt, value, checksumBytes, valueLength, keySum);
    if (valueLength < checksumBytes || sum !== readUint32(value, 0)) {
      throw damagedKeyed(this.#kind, this.#place, this.#bytes.slice(start, keyAt));
    }
    this.#end(keyAt, end);
  }

  #takeLong({ key, keyStart, keyEnd, value, valueLength }: Entry): void {
    const physical = key.slice(keyStart, keyEnd);
    const record = value.slice(0, valueLength);
    const damage = () => damagedKeyed(this.#kind, this.#place, physical.subarray(keyedPrefixBytes));
    if (!recordIsSound(physical, record)) throw damage();
    const { fullKey, payload } = splitLong(record.subarray(checksumBytes), damage);
    this.#runHead ??= physical.subarray(keyedPrefixBytes, keyedPrefixBytes + headBytes);
    this.#run.push({ key: fullKey, version: payload });
  }

  #isOfRun({ key, keyStart }: Entry): boolean {
    const from = keyStart + keyedPrefixBytes;
    return Buffer.compare(key.subarray(from, from + headBytes), this.#runHead!) === 0;
  }

  #flushRun(): void {
    for (const { key, version } of this.#run.sort((a, b) => compareBytes(a.key, b.key))) {
      this.#reserve(key.length + version.length);
      this.#bytes.set(key, this.#size);
      const keyAt = this.#size + key.length;
      this.#bytes.set(version, keyAt);
      this.#end(keyAt, keyAt + version.length);
    }
    // What joins this run from now on is behind the scan, wherever its hash would put it.
    this.#last.set(this.#runHead!, keyedPrefixBytes);
    this.#last.fill(255, keyedPrefixBytes + headBytes, keyedPrefixBytes + longKeyBytes);
    this.#lastLength = keyedPrefixBytes + longKeyBytes;
    this.#run = [];
    this.#runHead = null;
  }

  #end(keyAt: number, rowAt: number): void {
    this.#ends[this.#count * 2] = keyAt;
    this.#ends[this.#count * 2 + 1] = rowAt;
    this.#count++;
    this.#size = rowAt;
  }

  #reserve(size: number): void {
    if (this.#size + size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max((this.#size + size) * 2, pageBytes / 4));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    }
    if (this.#count * 2 + 2 > this.#ends.length) {
      const grown = new Uint32Array(this.#ends.length * 2);
      grown.set(this.#ends);
      this.#ends = grown;
    }
  }
}
