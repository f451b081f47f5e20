import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { TargetRow } from "../../../contracts/target.ts";
import { joinName } from "../look-at.ts";
import { isMissing, systemCode } from "../source-root.ts";
import type { ContentField } from "./content-field.ts";
import { rowKey } from "./row-path.ts";
import { type DirectoryPlace, readDirectoryList } from "./target-directory.ts";
import { Ways } from "./way.ts";

export type FileRow = TargetRow<string, unknown>;

export interface RowReading {
  readonly place: DirectoryPlace;
  readonly suffix: string;
  readonly content: ContentField;
}

/** A page has so many rows or bytes at the most, but one row at the least. */
const pageRows = 256;
const pageBytes = 4 * 1024 * 1024;

/** The files that the target has written, as they are now; files of others are none of its rows. */
export function* readRows({ place, suffix, content }: RowReading): Generator<readonly FileRow[]> {
  const read = readDirectoryList(place);
  if (read === null) return;
  const ways = new Ways(read.root);
  let page: FileRow[] = [];
  let size = 0;
  for (const path of read.list.paths) {
    const bytes = path.endsWith(suffix) && ways.isOpen(path) ? readFile(joinName(read.root, path)) : null;
    if (bytes === null) continue;
    page.push({ key: rowKey(path, suffix), value: { [content.name]: contentOf(bytes, content) } });
    size += bytes.length;
    if (page.length < pageRows && size < pageBytes) continue;
    yield page;
    page = [];
    size = 0;
  }
  if (page.length > 0) yield page;
}

/** The bytes of a regular file; null where there is none. */
function readFile(path: string): Uint8Array | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, openFlags);
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "ELOOP") return null;
    throw error;
  }
  try {
    return fstatSync(descriptor).isFile() ? readFileSync(descriptor) : null;
  } finally {
    closeSync(descriptor);
  }
}

/** Not through a link, and without waiting for a writer, should a link or a pipe have taken the file's place. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What is no text was not written as one: it must not read like what was. */
function contentOf(bytes: Uint8Array, { kind }: ContentField): string | Uint8Array {
  if (kind === "bytes") return new Uint8Array(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString("utf8") : `not UTF-8: ${buffer.toString("latin1")}`;
}
