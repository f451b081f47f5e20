import { isUtf8 } from "node:buffer";
import { type Dirent, readdirSync } from "node:fs";

export type NameKind = "file" | "directory" | "link" | "other";

export interface DirectoryName {
  readonly name: string;
  readonly kind: NameKind;
}

export interface DirectoryContent {
  readonly names: readonly DirectoryName[];
  /** Names that are no valid Unicode, with U+FFFD in the place of what is not. */
  readonly undecodable: readonly DirectoryName[];
  /** Whether a name has a character from U+D800 up, in UTF-16: only then do its orders differ. */
  readonly beyondBasic: boolean;
}

/** The names in a directory, in no order. Throws what the file system says. */
export function readDirectory(path: string): DirectoryContent {
  const names: DirectoryName[] = [];
  let beyondBasic = false;
  let doubtful = false;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const { name } = entry;
    if (/[\ud800-\uffff]/.test(name)) {
      beyondBasic = true;
      doubtful ||= /\ufffd|\p{Surrogate}/u.test(name);
    }
    names.push({ name, kind: kindOf(entry) });
  }
  return doubtful ? readDoubtfulDirectory(path) : { names, undecodable: [], beyondBasic };
}

/** Reads the names as bytes: Node puts U+FFFD for what it cannot decode, which a name may also have by right. */
function readDoubtfulDirectory(path: string): DirectoryContent {
  const names: DirectoryName[] = [];
  const undecodable: DirectoryName[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: "buffer" })) {
    const name = entry.name.toString("utf8");
    (isUtf8(entry.name) ? names : undecodable).push({ name, kind: kindOf(entry) });
  }
  return { names, undecodable, beyondBasic: true };
}

function kindOf(entry: Dirent<string> | Dirent<Buffer>): NameKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}
