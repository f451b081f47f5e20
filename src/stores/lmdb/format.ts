import { SluiceError } from "../../errors/index.ts";
import { kinds } from "./keys.ts";
import { damaged, missing } from "./lmdb-errors.ts";
import { migrateReferences, migrateResults } from "./migrate-memos.ts";
import type { Tree } from "./tree.ts";

/** The format that this version writes. */
const currentFormat = 3;

/** What brings a store of a format to the next one, by the older of the two. Runs in the transaction that says so. */
const migrations: ReadonlyMap<number, (tree: Tree, file: string) => void> = new Map([
  [1, migrateResults],
  [2, migrateReferences],
]);

const formatKey = Buffer.of(kinds.format);

/** Gives a new store its format, brings an older one that is to be written to ours, and refuses what we cannot read. */
export function checkFormat(tree: Tree, file: string, readOnly: boolean): void {
  const content = tree.get(formatKey, () => damaged(file, "the record of its format"));
  const format = content ? Number(Buffer.from(content).toString("utf8")) : null;
  if (format === currentFormat) return;
  if (format === null) {
    startStore(tree, file, readOnly);
    return;
  }
  if (format > currentFormat) throw tooNew(file, format);
  if (!migrationsFrom(format)) throw tooOld(file, format);
  // What has moved since are memos, which one who only reads can do without.
  if (readOnly) return;
  tree.transact(() => {
    for (let at = format; at < currentFormat; at++) migrations.get(at)!(tree, file);
    putFormat(tree, currentFormat);
  });
}

export function putFormat(tree: Tree, format: number): void {
  tree.put(formatKey, Buffer.from(String(format)));
}

function startStore(tree: Tree, file: string, readOnly: boolean): void {
  if (tree.keysFrom(Buffer.of(0), Buffer.of(255), 1).length > 0)
    throw damaged(file, "the record of its format is gone");
  if (readOnly) throw missing(file);
  tree.transact(() => {
    // Another process may have been faster.
    if (!tree.has(formatKey)) putFormat(tree, currentFormat);
  });
}

function migrationsFrom(format: number): boolean {
  for (let at = format; at < currentFormat; at++) if (!migrations.has(at)) return false;
  return true;
}

function tooNew(file: string, format: number): SluiceError {
  const message = `the store ${file} has format ${format}; this version of Sluice reads formats up to ${currentFormat}`;
  return new SluiceError("store-version", message, {
    hint: "Upgrade Sluice to the version that wrote it, or a newer one.",
  });
}

function tooOld(file: string, format: number): SluiceError {
  const message = `the store ${file} has format ${format}, which this version of Sluice cannot bring up to date`;
  const hint =
    "Open it with the Sluice version before this one first, or remove it, set up and update again: rows that left the sources since then stay in the targets.";
  return new SluiceError("store-version", message, { hint });
}
