import { constants as bufferConstants } from "node:buffer";
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { SluiceError } from "../../errors/index.ts";
import { equalBytes } from "../../kernel/bytes.ts";
import type { FileSystemClock } from "./file-system-clock.ts";
import { type ChangeDetection, fileVersion } from "./file-version.ts";
import { describeFailure, isMissing, systemCode } from "./source-root.ts";

export interface ReadRequest {
  /** The absolute path. */
  readonly path: string;
  /** The path in messages. */
  readonly shown: string;
  readonly changeDetection: ChangeDetection;
  readonly clock: FileSystemClock;
  /** Whether a row may be read from there: by its path without links, and by what is seen of the file. */
  accepts(real: string, stats: BigIntStats): boolean;
  /** Whether the bytes become a string, which is bounded more tightly. */
  readonly text: boolean;
}

export interface ReadResult {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Left out where a later change might not change it. */
  readonly version: Uint8Array | null;
}

/** Reads `size` bytes, or what there is of them. */
export type ReadBytes = (descriptor: number, size: number) => Uint8Array<ArrayBuffer>;

const maxAttempts = 3;
const maxBinaryBytes = 2 ** 31 - 1;
const maxTextBytes = Math.min(maxBinaryBytes, bufferConstants.MAX_STRING_LENGTH);

/**
 * Reads a file together with its version: observed before the read, and the same after it both on what was
 * read and on what the path names by then. A file that changes meanwhile is read again, three times at most;
 * the last result then has no version. Synchronous, which on a local disk costs a seventh of promises.
 *
 * @returns null when there is no such file, or none that is accepted
 * @throws SluiceError `source-read-failed`, `file-too-large`
 */
export function readFile(request: ReadRequest, readBytes: ReadBytes = readDescriptor): ReadResult | null {
  try {
    for (let attempt = 1; ; attempt++) {
      const result = attemptRead(request, readBytes);
      if (result === null || !result.changed) return result;
      if (attempt === maxAttempts) return { bytes: result.bytes, version: null };
    }
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "ELOOP") return null;
    throw systemCode(error) === undefined || error instanceof SluiceError ? error : readError(request, error);
  }
}

interface Attempt extends ReadResult {
  readonly changed: boolean;
}

function attemptRead(request: ReadRequest, readBytes: ReadBytes): Attempt | null {
  const real = realpathSync.native(request.path);
  const before = lstatSync(real, { bigint: true });
  if (!before.isFile() || !request.accepts(real, before)) return null;
  checkSize(request, before);
  const settled = request.clock.isSettled(before, request.changeDetection);
  const descriptor = openSync(real, openFlags);
  try {
    const bytes = readBytes(descriptor, Number(before.size));
    const changed = hasChanged(request, before, descriptor);
    if (!changed) checkWhole(request, descriptor, before, bytes);
    const trusted = settled && !changed && request.changeDetection !== "content";
    return { bytes, changed, version: trusted ? fileVersion(before, request.changeDetection) : null };
  } finally {
    closeSync(descriptor);
  }
}

/** Not through a link, and without waiting for a writer, should a link or a pipe have taken the file's place. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Whether the descriptor or the path now shows another state than was observed before. */
function hasChanged(request: ReadRequest, before: BigIntStats, descriptor: number): boolean {
  // Where nothing but the content counts, inodes and change times may be unstable.
  const seen = request.changeDetection === "strict" ? "strict" : "sizeMtime";
  const version = fileVersion(before, seen);
  const read = fstatSync(descriptor, { bigint: true });
  if (!equalBytes(version, fileVersion(read, seen))) return true;
  const named = statSync(request.path, { bigint: true });
  return !equalBytes(version, fileVersion(named, seen));
}

/** A size that is wrong (as some virtual file systems tell) must not pass for the end of the file. */
function checkWhole(request: ReadRequest, descriptor: number, before: BigIntStats, bytes: Uint8Array): void {
  const size = Number(before.size);
  const atEnd = readSync(descriptor, oneByte, 0, 1, size) === 0;
  if (bytes.length === size && atEnd) return;
  const has = atEnd ? `only ${bytes.length}` : "more";
  throw new SluiceError(
    "source-read-failed",
    `cannot read ${JSON.stringify(request.shown)}: its size is told as ${size} bytes but it has ${has}`,
    { hint: "Leave it out with excludedPatterns, or copy it to an ordinary file system." },
  );
}

function checkSize(request: ReadRequest, { size }: BigIntStats): void {
  const limit = request.text ? maxTextBytes : maxBinaryBytes;
  if (size <= BigInt(limit)) return;
  throw new SluiceError(
    "file-too-large",
    `${JSON.stringify(request.shown)} has ${size} bytes; ${request.text ? "a text" : "a value"} can have ${limit}`,
    { hint: "Set maxFileSize, or leave the file out with excludedPatterns." },
  );
}

function readError(request: ReadRequest, cause: unknown): SluiceError {
  return new SluiceError(
    "source-read-failed",
    `cannot read ${JSON.stringify(request.shown)}: ${describeFailure(cause)}`,
    {
      hint: "Make the file readable for the user that runs Sluice, or leave it out with excludedPatterns.",
      cause,
    },
  );
}

const oneByte = new Uint8Array(1);

/** Reads into one buffer of the right size. */
export function readDescriptor(descriptor: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
  }
  return bytes;
}
