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
import type { FileSystemClock } from "./file-system-clock.ts";
import { type ChangeDetection, fileVersion } from "./file-version.ts";
import type { KnownDirectories } from "./known-directories.ts";
import { describeFailure, isMissing, systemCode } from "./source-root.ts";

export interface ReadRequest {
  /** The absolute path. */
  readonly path: string;
  /** The path in messages. */
  readonly shown: string;
  readonly changeDetection: ChangeDetection;
  readonly clock: FileSystemClock;
  readonly directories: KnownDirectories;
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

/** Reads `size` bytes from the beginning, or what there is of them. */
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
    const quick = readInKnownDirectory(request, readBytes);
    if (quick !== null && !quick.changed) return quick;
    for (let attempt = quick === null ? 1 : 2; ; attempt++) {
      const result = attemptRead(request, realpathSync.native(request.path), readBytes);
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

/**
 * An attempt without looking for links on the way to a directory that was looked at a moment ago, which saves a file
 * the dearest of its system calls. Null where that leads nowhere: then all is to be looked at.
 */
function readInKnownDirectory(request: ReadRequest, readBytes: ReadBytes): Attempt | null {
  const real = request.directories.realPathOf(request.path);
  if (real === null) return null;
  try {
    return attemptRead(request, real, readBytes);
  } catch (error) {
    // A link itself, or the directory is not there any more.
    if (isMissing(error) || systemCode(error) === "ELOOP") return null;
    throw error;
  }
}

/** As opening it would say. */
function linked(): Error {
  return Object.assign(new Error("a link took the place of the file"), { code: "ELOOP" });
}

function attemptRead(request: ReadRequest, real: string, readBytes: ReadBytes): Attempt | null {
  const before = lstatSync(real, { bigint: true });
  if (before.isSymbolicLink()) throw linked();
  if (!before.isFile() || !request.accepts(real, before)) return null;
  checkSize(request, before);
  const settled = request.clock.isSettled(before, request.changeDetection);
  const descriptor = openSync(real, openFlags);
  try {
    const size = Number(before.size);
    // A byte more than there should be, to see that there is none.
    const bytes = readBytes(descriptor, size + 1);
    const changed = hasChanged(request, before, descriptor);
    if (!changed && bytes.length !== size) throw wrongSize(request, size, bytes.length);
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
  const strict = request.changeDetection === "strict";
  const read = fstatSync(descriptor, { bigint: true });
  return differs(before, read, strict) || differs(before, statSync(request.path, { bigint: true }), strict);
}

function differs(a: BigIntStats, b: BigIntStats, strict: boolean): boolean {
  if (a.size !== b.size || a.mtimeNs !== b.mtimeNs) return true;
  return strict && (a.ctimeNs !== b.ctimeNs || a.ino !== b.ino);
}

/** A size that is wrong (as some virtual file systems tell) must not pass for the end of the file. */
function wrongSize(request: ReadRequest, size: number, read: number): SluiceError {
  const has = read < size ? `only ${read}` : "more";
  return new SluiceError(
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

/** What small files are read into. */
const scratch = new Uint8Array(64 * 1024);

/** Reads until the end, or until there are so many. */
export function readDescriptor(descriptor: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = size <= scratch.length ? scratch : new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.slice(0, length);
}
