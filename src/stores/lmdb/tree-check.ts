import type { MetaPage, TreeMeta } from "./meta-pages.ts";
import { type Overflow, type PageNode, PageReader, type TreePage } from "./page-reader.ts";
import { checksumBytes, keyIsSound, recordIsSound } from "./records.ts";

/** Pages between two moments at which other work may run. */
const pagesInARow = 1000;

interface Place {
  readonly page: number;
  readonly level: number;
  readonly low: Buffer | null;
  readonly high: Buffer | null;
}

interface Found {
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
}

/**
 * Walks both trees of an LMDB file as one transaction left them, page by page from the file, and throws
 * `store-damaged` unless a reader that follows them stays within the file, finds every key where it looks for
 * it and meets only sound records. LMDB checks none of this: it would crash, loop or miss keys.
 * Of data that fills pages of its own only the beginning is looked at; the rest is checked when it is read.
 */
export async function checkTrees(fd: number, meta: MetaPage, file: string): Promise<void> {
  const reader = new PageReader(fd, meta, file);
  const lists: Buffer[] = [];
  await walk(reader, meta.main, {
    compare: Buffer.compare,
    entry(page, node, overflow) {
      const key = page.bytes.subarray(node.keyStart, node.keyEnd);
      const record = page.bytes.subarray(node.keyEnd, node.keyEnd + node.dataSize);
      const sound = overflow ? keyIsSound(key, overflow.data(checksumBytes)) : recordIsSound(key, record);
      if (!sound) throw reader.fail(page.number, "holds a record that was changed");
    },
  });
  await walk(reader, meta.free, {
    compare: compareNumbers,
    entry(page, node, overflow) {
      lists.push(
        overflow?.data(node.dataSize) ?? page.bytes.subarray(node.keyEnd, node.keyEnd + node.dataSize),
      );
    },
  });
  for (const list of lists) checkFreeList(reader, list, meta);
}

interface Walk {
  readonly compare: (a: Buffer, b: Buffer) => number;
  entry(page: TreePage, node: PageNode, overflow: Overflow | null): void;
}

async function walk(reader: PageReader, tree: TreeMeta, walker: Walk): Promise<void> {
  const found: Found = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
  const left: Place[] =
    tree.root === null ? [] : [{ page: tree.root, level: tree.depth, low: null, high: null }];
  for (let pages = 0; left.length > 0; pages++) {
    const place = left.pop()!;
    const page = reader.readTreePage(place.page);
    if (page.branch !== place.level > 1)
      throw reader.fail(page.number, "is at another depth than its place asks");
    checkOrder(reader, page, place, walker.compare);
    if (page.branch) {
      found.branchPages++;
      left.push(...below(page, place));
    } else {
      found.leafPages++;
      for (const node of page.nodes) readEntry(reader, { page, node, found }, walker);
    }
    if (pages % pagesInARow === pagesInARow - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const count of ["branchPages", "leafPages", "overflowPages", "entries"] as const) {
    if (found[count] !== tree[count])
      throw reader.fail(tree.root ?? 0, `leads to ${found[count]} ${count}, not ${tree[count]}`);
  }
}

function readEntry(
  reader: PageReader,
  { page, node, found }: { page: TreePage; node: PageNode; found: Found },
  walker: Walk,
): void {
  if (node.flags > 1) throw reader.fail(page.number, "has an entry of another kind");
  found.entries++;
  const overflow = node.flags === 1 ? reader.readOverflow(page, node.keyEnd, node.dataSize) : null;
  if (overflow) found.overflowPages += overflow.pages;
  walker.entry(page, node, overflow);
}

/** Every key lies where the pages above send a reader who looks for it. The first key of a branch stands for all below it. */
function checkOrder(
  reader: PageReader,
  page: TreePage,
  { low, high }: Place,
  compare: Walk["compare"],
): void {
  let before = low;
  let beforeMayEqual = true;
  for (let i = page.branch ? 1 : 0; i < page.nodes.length; i++) {
    const { keyStart, keyEnd } = page.nodes[i]!;
    const key = page.bytes.subarray(keyStart, keyEnd);
    const order = key.length === 0 ? -1 : before ? compare(key, before) : 1;
    if (order < 0 || (order === 0 && !beforeMayEqual))
      throw reader.fail(page.number, "has its keys in another order");
    before = key;
    beforeMayEqual = false;
  }
  if (before && high && before !== low && compare(before, high) >= 0) {
    throw reader.fail(page.number, "has a key that belongs to another page");
  }
}

function below(page: TreePage, { level, low, high }: Place): Place[] {
  const keys = page.nodes.map(({ keyStart, keyEnd }) => page.bytes.subarray(keyStart, keyEnd));
  return page.nodes.map(({ child }, i) => ({
    page: child,
    level: level - 1,
    low: i === 0 ? low : keys[i]!,
    high: keys[i + 1] ?? high,
  }));
}

/** A list of free pages: its length, then page numbers, where −n says that n pages begin at the next number, and 0 nothing. */
function checkFreeList(reader: PageReader, list: Buffer, meta: MetaPage): void {
  const word = (i: number) => Number(list.readBigInt64LE(i * 8));
  const length = list.length >= 8 ? word(0) : -1;
  if (length < 0 || (length + 1) * 8 > list.length)
    throw reader.fail(meta.free.root ?? 0, "lists free pages that are not there");
  for (let i = 1; i <= length; i++) {
    const run = word(i) < 0 ? -word(i) : 1;
    const first = run > 1 || word(i) < 0 ? word(++i) : word(i);
    if (first === 0) continue;
    if (i > length || first < 2 || first + run - 1 > meta.lastPage) {
      throw reader.fail(meta.free.root ?? 0, "lists a free page that cannot be");
    }
    for (let page = first; page < first + run; page++) {
      if (reader.isUsed(page)) throw reader.fail(page, "is in use and listed as free");
    }
  }
}

/** Keys of the list of free pages are 8-byte numbers in the machine's order. */
function compareNumbers(a: Buffer, b: Buffer): number {
  if (a.length !== 8 || b.length !== 8) return -1;
  const [x, y] = [a.readBigUInt64LE(0), b.readBigUInt64LE(0)];
  return x < y ? -1 : x > y ? 1 : 0;
}
