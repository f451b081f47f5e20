import type { FlowId, SourceId, TargetId } from "../../contracts/state-store.ts";
import type { SluiceError } from "../../errors/index.ts";
import { equalBytes } from "../../kernel/bytes.ts";
import { isLongKey, type KeyedKind, keyedPrefix, keyedPrefixBytes, physicalKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/** Where records of rows lie, and how errors name the place. */
export interface RowPlace {
  readonly flow: FlowId;
  readonly flowNumber: number;
  readonly source: SourceId;
  readonly file: string;
}

/** Where the owner index of a target lies. */
export interface OwnerPlace {
  readonly flow: FlowId;
  readonly flowNumber: number;
  readonly target: TargetId;
  readonly file: string;
}

export type KeyedPlace = RowPlace | OwnerPlace;

/** One record that lies under a key. */
export interface KeyedAddress {
  readonly kind: KeyedKind;
  readonly place: KeyedPlace;
  readonly key: Uint8Array;
}

const names: Readonly<Record<KeyedKind, string>> = {
  version: "version record",
  outputs: "output record",
  failure: "failure",
  rowMemos: "list of memos",
  trace: "trace",
  owner: "owner record",
  owed: "mark of what is owed",
};

/** The beginning of the keys of all records of a kind at a place. */
export function placePrefix(kind: KeyedKind, place: KeyedPlace): Uint8Array {
  return keyedPrefix(kind, place.flowNumber, "target" in place ? place.target : place.source);
}

export function keyedKey(kind: KeyedKind, place: KeyedPlace, key: Uint8Array): Uint8Array {
  return physicalKey(placePrefix(kind, place), key);
}

/** A record that lies under a key, a view that is valid until the next read; null when there is none. */
export function readKeyed(
  tree: Tree,
  kind: KeyedKind,
  place: KeyedPlace,
  key: Uint8Array,
): Uint8Array | null {
  const physical = keyedKey(kind, place, key);
  const content = tree.get(physical, () => damagedKeyed(kind, place, key));
  if (content === undefined) return null;
  if (!isLongKey(physical.length - keyedPrefixBytes)) return content;
  const { fullKey, payload } = splitLong(content, () => damagedKeyed(kind, place, key));
  if (!equalBytes(fullKey, key)) throw damagedKeyed(kind, place, key);
  return payload;
}

/** Puts a record under a key, its parts one after the other. Within a transaction. */
export function putKeyed(tree: Tree, at: KeyedAddress, ...payload: readonly Uint8Array[]): void {
  const physical = keyedKey(at.kind, at.place, at.key);
  if (isLongKey(physical.length - keyedPrefixBytes)) tree.put(physical, lengthOf(at.key), at.key, ...payload);
  else tree.put(physical, ...payload);
}

/** Puts a record under a key, or removes it. Within a transaction. */
export function replaceKeyed(tree: Tree, at: KeyedAddress, payload: Uint8Array | null): void {
  if (payload === null) tree.remove(keyedKey(at.kind, at.place, at.key));
  else putKeyed(tree, at, payload);
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

export function damagedKeyed(kind: KeyedKind, place: KeyedPlace, key: Uint8Array): SluiceError {
  const { flow, file } = place;
  const row = showKey(key);
  if ("target" in place) {
    const what = `the ${names[kind]} of key ${row} of target ${place.target} of flow ${flow}`;
    return damaged(file, what, { flow, target: String(place.target), row });
  }
  const what = `the ${names[kind]} of row ${row} of source ${place.source} of flow ${flow}`;
  return damaged(file, what, { flow, source: String(place.source), row });
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
