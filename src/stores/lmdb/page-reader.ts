import { fstatSync, readSync } from "node:fs";
import { damaged } from "./lmdb-errors.ts";
import { type MetaPage, pageHeader } from "./meta-pages.ts";

const branchFlag = 0x01;
const leafFlag = 0x02;
const overflowFlag = 0x04;
const kindMask = 0x6f;

/** An entry of a branch or leaf page, as offsets into the page's bytes. */
export interface PageNode {
  readonly keyStart: number;
  readonly keyEnd: number;
  /** Of a branch: the page below. */
  readonly child: number;
  readonly flags: number;
  readonly dataSize: number;
}

export interface TreePage {
  readonly number: number;
  readonly branch: boolean;
  readonly bytes: Buffer;
  readonly nodes: readonly PageNode[];
}

/** The data of an entry that fills pages of its own. */
export interface Overflow {
  readonly pages: number;
  /** Reads its beginning, so many bytes at most. */
  data(most: number): Buffer;
}

/** Reads pages of an LMDB file and refuses those that could lead LMDB outside of them. Each may be read once. */
export class PageReader {
  readonly #fd: number;
  readonly #meta: MetaPage;
  readonly #fileSize: number;
  readonly #file: string;
  /** One bit a page: what has been read, and so is in use. */
  readonly #used: Uint8Array;

  constructor(fd: number, meta: MetaPage, file: string) {
    this.#fd = fd;
    this.#meta = meta;
    this.#file = file;
    this.#fileSize = fstatSync(fd).size;
    const pagesInFile = Math.ceil(this.#fileSize / meta.pageSize);
    this.#used = new Uint8Array((Math.min(meta.lastPage + 1, pagesInFile) >> 3) + 1);
  }

  fail(page: number, why: string): Error {
    return damaged(this.#file, `page ${page} ${why}`);
  }

  isUsed(page: number): boolean {
    return ((this.#used[page >> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  readTreePage(number: number): TreePage {
    const bytes = this.#read(number, this.#meta.pageSize);
    const kind = bytes.readUInt16LE(18) & kindMask;
    if (kind !== branchFlag && kind !== leafFlag)
      throw this.fail(number, "is of another kind than its place asks");
    const page = { number, branch: kind === branchFlag, bytes };
    return { ...page, nodes: this.#nodes(page) };
  }

  /** The data of a leaf's entry that fills pages of its own; `at` is where the leaf says which. */
  readOverflow(leaf: TreePage, at: number, dataSize: number): Overflow {
    const first = this.#number(leaf.bytes, at, leaf.number);
    const pages = this.#number(leaf.bytes, at + 16, leaf.number);
    // There may be more pages than needed: LMDB keeps them when shorter data takes the place of longer.
    if (pages * this.#meta.pageSize < pageHeader + dataSize) {
      throw this.fail(leaf.number, "has an entry that its pages cannot hold");
    }
    const header = this.#read(first, pageHeader);
    if ((header.readUInt16LE(18) & kindMask) !== overflowFlag || header.readUInt32LE(20) !== pages) {
      throw this.fail(first, "does not begin the data that it should");
    }
    for (let page = first + 1; page < first + pages; page++) this.#use(page);
    const data = (most: number) => {
      const bytes = Buffer.alloc(Math.min(most, dataSize));
      readSync(this.#fd, bytes, 0, bytes.length, first * this.#meta.pageSize + pageHeader);
      return bytes;
    };
    return { pages, data };
  }

  #read(page: number, length: number): Buffer {
    this.#use(page);
    const bytes = Buffer.allocUnsafe(length);
    readSync(this.#fd, bytes, 0, length, page * this.#meta.pageSize);
    if (Number(bytes.readBigUInt64LE(0)) !== page) throw this.fail(page, "has another page's number");
    if (Number(bytes.readBigUInt64LE(8)) > this.#meta.transaction) {
      throw this.fail(page, "is newer than the transaction that it belongs to");
    }
    return bytes;
  }

  #use(page: number): void {
    if (page < 2 || page > this.#meta.lastPage) throw this.fail(page, "is referred to and cannot be");
    if ((page + 1) * this.#meta.pageSize > this.#fileSize) {
      throw damaged(this.#file, `it is cut off after ${this.#fileSize} bytes, before page ${page}`);
    }
    if (this.isUsed(page)) throw this.fail(page, "is referred to twice");
    this.#used[page >> 3]! |= 1 << (page & 7);
  }

  #number(bytes: Buffer, at: number, page: number): number {
    const value = bytes.readBigUInt64LE(at);
    if (value > 0xffff_ffff_ffffn) throw this.fail(page, "has a number out of range");
    return Number(value);
  }

  #nodes({ number, branch, bytes }: Omit<TreePage, "nodes">): PageNode[] {
    const lower = bytes.readUInt16LE(20);
    const upper = bytes.readUInt16LE(22);
    const room = this.#meta.pageSize - pageHeader;
    if (lower % 2 !== 0 || lower === 0 || lower > upper || upper > room)
      throw this.fail(number, "has bounds that cannot be");
    const nodes: PageNode[] = [];
    let taken = 0;
    for (let i = 0; i < lower >> 1; i++) {
      const offset = bytes.readUInt16LE(pageHeader + i * 2) + pageHeader;
      if (offset < upper + pageHeader || offset + 8 > bytes.length)
        throw this.fail(number, "has an entry outside of it");
      const node = parseNode(bytes, offset, branch);
      const inline = branch ? 0 : node.flags & 1 ? 24 : node.dataSize;
      if (node.keyEnd + inline > bytes.length)
        throw this.fail(number, "has an entry that ends outside of it");
      taken += (node.keyEnd - offset + inline + 1) & ~1;
      nodes.push(node);
    }
    if (taken !== room - upper) throw this.fail(number, "has entries that do not fill it as it says");
    return nodes;
  }
}

function parseNode(bytes: Buffer, at: number, branch: boolean): PageNode {
  const low = bytes.readUInt32LE(at);
  const flags = bytes.readUInt16LE(at + 4);
  const keyStart = at + 8;
  return {
    keyStart,
    keyEnd: keyStart + bytes.readUInt16LE(at + 6),
    child: branch ? low + flags * 2 ** 32 : 0,
    flags: branch ? 0 : flags,
    dataSize: branch ? 0 : low,
  };
}
