import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Files of which a cache keeps the newer half when there are more. */
const mostFiles = 500;

/** Keeps the trees of source files, as JSON. */
export interface TreeCache {
  /** What was kept of a file, if it was made of what is digested. */
  read(path: string, digest: string): string | null;
  write(path: string, digest: string, json: string): void;
}

export const noCache: TreeCache = { read: () => null, write: () => {} };

/**
 * The cache for a source file: in `node_modules/.cache/sluice` of the nearest directory above them that has a
 * `node_modules`: the place of what tools can make anew. Reading a tree takes a thirtieth of what loading a parser and
 * parsing takes, and most processes find the code as it was. A tree is kept with a digest of all that it was made of, so
 * that one that is found is the one that parsing would give. Where nothing can be read or written, nothing is.
 */
export function treeCacheAbove(path: string): TreeCache {
  for (let at = dirname(path); ; at = dirname(at)) {
    const modules = join(at, "node_modules");
    if (existsSync(modules)) return new CacheDirectory(join(modules, ".cache", "sluice"));
    if (at === dirname(at)) return noCache;
  }
}

class CacheDirectory implements TreeCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(path: string, digest: string): string | null {
    try {
      const [head, json] = splitLine(readFileSync(this.#fileOf(path), "utf8"));
      return head === headOf(digest, json) ? json : null;
    } catch {
      return null;
    }
  }

  write(path: string, digest: string, json: string): void {
    const draft = join(this.#directory, `${randomUUID()}.draft`);
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(draft, `${headOf(digest, json)}\n${json}`);
      // Processes that write the same at once leave a whole file.
      renameSync(draft, this.#fileOf(path));
      removeOld(this.#directory);
    } catch {
      // A read-only or a full disk: the next process parses too, and is not to find less room.
      tryToRemove(draft);
    }
  }

  #fileOf(path: string): string {
    return join(this.#directory, `${sha256(path)}.json`);
  }
}

/** What stands before a tree: it says whether the file is whole, too. */
function headOf(digest: string, json: string): string {
  return `${digest} ${sha256(json)}`;
}

function splitLine(text: string): [string, string] {
  const end = text.indexOf("\n");
  return [text.slice(0, end), text.slice(end + 1)];
}

function tryToRemove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It could not be made either.
  }
}

function removeOld(directory: string): void {
  const names = readdirSync(directory);
  if (names.length <= mostFiles) return;
  const files = names.map((name) => join(directory, name));
  const byAge = files.map((file) => ({ file, time: statSync(file).mtimeMs })).sort((a, b) => a.time - b.time);
  for (const { file } of byAge.slice(0, names.length >> 1)) rmSync(file, { force: true });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
