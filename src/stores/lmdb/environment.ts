import { accessSync, closeSync, constants, openSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { CommitQueue } from "./commit-queue.ts";
import { checkFormat } from "./format.ts";
import { damaged, missing, unwritable, writeFailure } from "./lmdb-errors.ts";
import { MemoIndex } from "./memo-index.ts";
import { type MetaPage, readMetaPages } from "./meta-pages.ts";
import { ScanLedger } from "./scan-ledger.ts";
import { SeenMark } from "./seen-mark.ts";
import { Tree } from "./tree.ts";
import { checkTrees } from "./tree-check.ts";

/** An open LMDB file with what all stores of this process on it share. */
export interface Environment {
  readonly file: string;
  readonly tree: Tree;
  readonly queue: CommitQueue;
  readonly ledger: ScanLedger;
  readonly memos: MemoIndex;
}

/** A use of an environment; the last one that is given back closes it. */
export interface EnvironmentUse {
  readonly environment: Environment;
  giveBack(): Promise<void>;
}

interface Shared {
  users: number;
  /** Null until it is open. */
  inode: bigint | null;
  readonly opening: Promise<Environment>;
  closing: Promise<void> | null;
}

/** LMDB allows one environment a file and process. */
const shared = new Map<string, Shared>();

/** Opens the store's file in an existing directory, or shares what this process has open already. */
export async function useEnvironment(directory: string, readOnly: boolean): Promise<EnvironmentUse> {
  const file = join(realpathSync(directory), "store.mdb");
  for (;;) {
    const known = shared.get(file);
    if (known?.closing) await known.closing;
    else break;
  }
  let use = shared.get(file);
  // A file that was replaced under an open store is another store.
  if (use && use.inode !== null && use.inode !== inodeOf(file)) use = undefined;
  if (!use) {
    use = { users: 0, inode: null, opening: openEnvironment(file, readOnly), closing: null };
    shared.set(file, use);
  }
  use.users++;
  try {
    const environment = await use.opening;
    use.inode ??= inodeOf(file);
    // It may have been opened by one who only reads.
    if (!readOnly) checkFormat(environment.tree, file, false);
    return { environment, giveBack: () => giveBack(file, use) };
  } catch (thrown) {
    if (shared.get(file) === use) shared.delete(file);
    throw thrown;
  }
}

async function giveBack(file: string, use: Shared): Promise<void> {
  const environment = await use.opening;
  environment.queue.flush();
  use.users--;
  if (use.users > 0) return;
  use.closing = closeEnvironment(environment, use.inode);
  await use.closing;
  if (shared.get(file) === use) shared.delete(file);
}

async function openEnvironment(file: string, readOnly: boolean): Promise<Environment> {
  const writable = isWritable(file);
  if (!writable && !readOnly) throw unwritable(`the store ${file} cannot be written`);
  const mark = new SeenMark(file);
  const isNew = !checkBefore(file, mark, readOnly);
  let tree: Tree;
  try {
    tree = new Tree(file, { readOnly: !writable });
  } catch (thrown) {
    throw writeFailure(thrown, file);
  }
  try {
    if (!isNew) await checkPages(tree, file, mark);
    checkFormat(tree, file, readOnly);
  } catch (thrown) {
    await tree.close();
    throw thrown;
  }
  if (isNew) noteSeen(file, mark);
  const memos = new MemoIndex(tree, file);
  const queue = new CommitQueue(tree, () => memos.forget());
  return { file, tree, queue, ledger: new ScanLedger(), memos };
}

async function closeEnvironment({ tree, file }: Environment, inode: bigint | null): Promise<void> {
  await tree.close();
  if (inodeOf(file) === inode && isWritable(file)) noteSeen(file, new SeenMark(file));
}

/** Looks at the file before LMDB does. False when there is none yet. */
function checkBefore(file: string, mark: SeenMark, readOnly: boolean): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === 0 && mark.transaction !== null) throw damaged(file, "it is empty and was not");
  if (!size) {
    if (readOnly) throw missing(file);
    return false;
  }
  withFile(file, (fd) => checkAge(readMetaPages(fd, file), file, mark));
  return true;
}

function checkAge(meta: MetaPage, file: string, mark: SeenMark): void {
  const seen = mark.transaction ?? 0;
  if (meta.transaction >= seen) return;
  const what = `it has gone back from transaction ${seen} to ${meta.transaction} (to go on with an older copy, remove ${file}-seen)`;
  throw damaged(file, what);
}

/** Walks all pages where something else than us may have had its hands on the file. */
async function checkPages(tree: Tree, file: string, mark: SeenMark): Promise<void> {
  const fd = openSync(file, "r");
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      const before = readMetaPages(fd, file);
      const unpin = tree.pin();
      try {
        const meta = readMetaPages(fd, file);
        // Another process committed in between, and the state that is held may be either.
        if (meta.transaction !== before.transaction) continue;
        if (!mark.matches(meta.transaction)) await checkTrees(fd, meta, file);
        return;
      } finally {
        unpin();
      }
    }
  } finally {
    closeSync(fd);
  }
}

function noteSeen(file: string, mark: SeenMark): void {
  try {
    withFile(file, (fd) => mark.note(readMetaPages(fd, file).transaction));
  } catch {
    // What is wrong with the file is for the next opening to say.
  }
}

function withFile(file: string, look: (fd: number) => void): void {
  const fd = openSync(file, "r");
  try {
    look(fd);
  } finally {
    closeSync(fd);
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(join(file, ".."), constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })) accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function inodeOf(file: string): bigint | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
