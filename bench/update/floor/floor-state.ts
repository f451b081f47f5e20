import { closeSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import type { Listing } from "./list-tree.ts";
import { digestBytes } from "./text-index.ts";

/** What is kept of the files, and of the rows that were made of them. */
export interface FloorState {
  readonly splitter: number;
  readonly listing: Listing;
  /** Read when something has changed, and not before. */
  readonly rows: () => FileRows;
}

/** Columns, since objects would cost more than all else. */
export interface FileRows {
  /** The digest of each file's bytes. */
  readonly files: Buffer;
  /** How many pieces each file has. */
  readonly pieces: Uint32Array;
  /** The number of each piece's text, and where the piece ends in its file. */
  readonly texts: Uint32Array;
  readonly ends: Uint32Array;
  /** The digest of each text, by its number: its vector stands at that place of the vector file. */
  readonly digests: Buffer;
}

/** Lengths of the parts in bytes, in the order in which they are written. */
interface Head {
  readonly splitter: number;
  readonly parts: readonly number[];
}

const headBytes = 256;

/** Null where there is none. */
export function readState(file: string): FloorState | null {
  const descriptor = openIfThere(file);
  if (descriptor === null) return null;
  const head = JSON.parse(readPart(descriptor, 0, headBytes).toString().trimEnd()) as Head;
  const [names, stats, ...rest] = head.parts as [number, number, ...number[]];
  const listing = readPart(descriptor, headBytes, names + stats);
  return {
    splitter: head.splitter,
    listing: {
      stats: new Float64Array(aligned(listing.subarray(0, stats))),
      names: listing.toString("utf8", stats),
    },
    rows: () => readRows(descriptor, headBytes + names + stats, rest),
  };
}

function readRows(descriptor: number, start: number, parts: readonly number[]): FileRows {
  const all = readPart(
    descriptor,
    start,
    parts.reduce((sum, bytes) => sum + bytes, 0),
  );
  let at = 0;
  const [files, pieces, texts, ends, digests] = parts.map((bytes) => {
    at += bytes;
    return all.subarray(at - bytes, at);
  }) as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const numbers = (part: Buffer) => new Uint32Array(aligned(part));
  return { files, pieces: numbers(pieces), texts: numbers(texts), ends: numbers(ends), digests };
}

/** Durable, and all or nothing. */
export function writeState(file: string, splitter: number, listing: Listing, rows: FileRows): void {
  const names = Buffer.from(listing.names);
  const parts = [listing.stats, names, rows.files, rows.pieces, rows.texts, rows.ends, rows.digests];
  const [stats, ...lengths] = parts.map(({ byteLength }) => byteLength) as [number, number];
  const head: Head = { splitter, parts: [lengths[0]!, stats, ...lengths.slice(1)] };
  const descriptor = openSync(`${file}.new`, "w");
  try {
    writeSync(descriptor, JSON.stringify(head).padEnd(headBytes));
    for (const part of parts) writeWhole(descriptor, part);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${file}.new`, file);
}

export function emptyRows(): FileRows {
  const none = new Uint32Array(0);
  return { files: Buffer.alloc(0), pieces: none, texts: none, ends: none, digests: Buffer.alloc(0) };
}

/** The digest of a file's bytes. */
export function fileDigest({ files }: FileRows, index: number): Buffer {
  return files.subarray(index * digestBytes, (index + 1) * digestBytes);
}

function writeWhole(descriptor: number, part: NodeJS.ArrayBufferView): void {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function readPart(descriptor: number, position: number, bytes: number): Buffer {
  const part = Buffer.allocUnsafeSlow(bytes);
  if (readSync(descriptor, part, 0, bytes, position) !== bytes) throw new Error("the state is cut off");
  return part;
}

/** A copy at the beginning of a buffer of its own, as wider numbers want. */
function aligned(part: Buffer): ArrayBuffer {
  return part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength) as ArrayBuffer;
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
