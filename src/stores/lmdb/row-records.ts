import type { FlowId, SourceId } from "../../contracts/state-store.ts";
import type { SluiceError } from "../../errors/index.ts";
import { equalBytes } from "../../kernel/bytes.ts";
import { isLongKey, physicalKey, type RowKind, rowPrefix, rowPrefixBytes } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/** Where records of rows lie, and how errors name the place. */
export interface RowPlace {
  readonly flow: FlowId;
  readonly flowNumber: number;
  readonly source: SourceId;
  readonly file: string;
}

const names: Readonly<Record<RowKind, string>> = {
  version: "version record",
  outputs: "output record",
  failure: "failure",
  rowMemos: "list of memos",
};

export function rowKey(kind: RowKind, place: RowPlace, key: Uint8Array): Uint8Array {
  return physicalKey(rowPrefix(kind, place.flowNumber, place.source), key);
}

/** A record of a row, a view that is valid until the next read; null when there is none. */
export function readRowRecord(
  tree: Tree,
  kind: RowKind,
  place: RowPlace,
  key: Uint8Array,
): Uint8Array | null {
  const physical = rowKey(kind, place, key);
  const content = tree.get(physical, () => damagedRow(kind, place, key));
  if (content === undefined) return null;
  if (!isLongKey(physical.length - rowPrefixBytes)) return content;
  const { fullKey, payload } = splitLong(content, () => damagedRow(kind, place, key));
  if (!equalBytes(fullKey, key)) throw damagedRow(kind, place, key);
  return payload;
}

/** Puts a record of a row, or removes it. Within a transaction. */
export function putRowRecord(
  tree: Tree,
  at: { readonly kind: RowKind; readonly place: RowPlace; readonly key: Uint8Array },
  payload: Uint8Array | null,
): void {
  const physical = rowKey(at.kind, at.place, at.key);
  if (payload === null) tree.remove(physical);
  else if (isLongKey(physical.length - rowPrefixBytes)) tree.put(physical, lengthOf(at.key), at.key, payload);
  else tree.put(physical, payload);
}

/** The whole key and the payload of a record whose key was too long to lie under. */
export function splitLong(
  content: Uint8Array,
  damage: () => SluiceError,
): { readonly fullKey: Uint8Array; readonly payload: Uint8Array } {
  if (content.length < 4) throw damage();
  const end = 4 + new DataView(content.buffer, content.byteOffset).getUint32(0, true);
  if (end > content.length) throw damage();
  return { fullKey: content.subarray(4, end), payload: content.subarray(end) };
}

export function damagedRow(kind: RowKind, place: RowPlace, key: Uint8Array): SluiceError {
  const row = showKey(key);
  const what = `the ${names[kind]} of row ${row} of source ${place.source} of flow ${place.flow}`;
  return damaged(place.file, what, { flow: place.flow, source: String(place.source), row });
}

/** A key for people: its text where it is printable, else hexadecimal. */
function showKey(key: Uint8Array): string {
  const text = Buffer.from(key.subarray(0, 80));
  const shown = text.every((byte) => byte >= 32 && byte < 127)
    ? `"${text.toString("latin1")}`
    : `0x${text.toString("hex")}`;
  return `${shown}${key.length > 80 ? "…" : ""}${shown.startsWith('"') ? '"' : ""}`;
}

function lengthOf(key: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(key.length);
  return bytes;
}
