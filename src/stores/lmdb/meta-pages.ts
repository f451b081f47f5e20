import { fstatSync, readSync } from "node:fs";
import { damaged } from "./lmdb-errors.ts";

/** One of the two trees of an LMDB file: the list of free pages, and the records. */
export interface TreeMeta {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** The page of its root; null when it is empty. */
  readonly root: number | null;
}

/** What a meta page says of the file as one transaction left it. */
export interface MetaPage {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  readonly free: TreeMeta;
  readonly main: TreeMeta;
}

/** An LMDB page begins with its number (8 bytes), transaction (8), padding (2), flags (2) and bounds (4). */
export const pageHeader = 24;

const metaBytes = pageHeader + 144;
const metaFlag = 0x08;
const noPage = 0xffff_ffff_ffff_ffffn;

/**
 * Reads the two meta pages of an LMDB file of format 2 and returns the newer one. LMDB itself trusts what it
 * finds there: a page size of 0 or a root outside the file kills the process, so everything is checked first.
 */
export function readMetaPages(fd: number, file: string): MetaPage {
  const size = fstatSync(fd).size;
  const first = readMeta(fd, file, 0);
  if (size < first.pageSize * 2) throw damaged(file, `it is cut off after ${size} bytes`);
  const second = readMeta(fd, file, first.pageSize);
  checkPair(first, second, file);
  return first.transaction >= second.transaction ? first : second;
}

function readMeta(fd: number, file: string, offset: number): MetaPage {
  const bytes = Buffer.alloc(metaBytes);
  const fail = (why: string) => damaged(file, `the meta page at ${offset} ${why}`);
  if (readSync(fd, bytes, 0, metaBytes, offset) !== metaBytes) throw fail("is cut off");
  if ((bytes.readUInt16LE(18) & metaFlag) === 0) throw fail("is not one");
  if (bytes.readUInt32LE(24) !== 0xbeefc0de) throw fail("has another magic number");
  if (bytes.readUInt32LE(28) !== 2) throw fail(`is of LMDB's format ${bytes.readUInt32LE(28)}`);
  const meta = parseMeta(bytes);
  const { pageSize, lastPage } = meta;
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw fail(`gives a page size of ${pageSize}`);
  }
  for (const { root } of [meta.free, meta.main]) {
    if (root !== null && (root < 2 || root > lastPage)) throw fail(`gives a root page of ${root}`);
  }
  const mapSize = Number(bytes.readBigUInt64LE(40));
  if ((lastPage + 1) * pageSize > mapSize || mapSize > 2 ** 47) throw fail(`gives a map size of ${mapSize}`);
  return meta;
}

function parseMeta(bytes: Buffer): MetaPage {
  return {
    pageSize: bytes.readUInt32LE(48),
    lastPage: Number(bytes.readBigUInt64LE(144)),
    transaction: Number(bytes.readBigUInt64LE(152)),
    free: parseTree(bytes, 48),
    main: parseTree(bytes, 96),
  };
}

function parseTree(bytes: Buffer, at: number): TreeMeta {
  const root = bytes.readBigUInt64LE(at + 40);
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: Number(bytes.readBigUInt64LE(at + 8)),
    leafPages: Number(bytes.readBigUInt64LE(at + 16)),
    overflowPages: Number(bytes.readBigUInt64LE(at + 24)),
    entries: Number(bytes.readBigUInt64LE(at + 32)),
    root: root === noPage ? null : Number(root),
  };
}

/** Transactions take turns on the two pages, so their numbers follow each other and their parity is the page's. */
function checkPair(first: MetaPage, second: MetaPage, file: string): void {
  const fresh = first.transaction === 0 && second.transaction === 0;
  const turns =
    first.transaction % 2 === 0 &&
    (second.transaction % 2 === 1 || second.transaction === 0) &&
    Math.abs(first.transaction - second.transaction) === 1;
  if ((fresh || turns) && first.pageSize === second.pageSize) return;
  throw damaged(
    file,
    `its meta pages do not belong together (transactions ${first.transaction} and ${second.transaction})`,
  );
}
