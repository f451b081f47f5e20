import { joinName } from "../look-at.ts";
import type { DirectoryWatch } from "./directory-watch.ts";

/** A directory that is watched, with the names that were in it when it was last looked at. */
export class WatchedDirectory {
  /** What its names are prefixed with to be paths: empty for the root, else it ends with `/`. */
  readonly prefix: string;
  /** Its path without links. */
  readonly real: string;
  readonly parent: WatchedDirectory | null;
  /** Files that the filter takes, and links to such. */
  readonly files = new Set<string>();
  /** Directories that the filter enters, and links to such. */
  readonly directories = new Map<string, WatchedDirectory>();
  /** Whether it is reached by a link, so that its real parent is another one. */
  readonly isLink: boolean;
  /** Null where the system refused it, or where it is watched from above. */
  watch: DirectoryWatch | null = null;
  isClosed = false;
  /** Whether something befell the directory itself that is watched, so that another one may be at its path. */
  isStale = false;

  private constructor(prefix: string, real: string, parent: WatchedDirectory | null) {
    this.prefix = prefix;
    this.real = real;
    this.parent = parent;
    this.isLink = parent !== null && joinName(parent.real, prefix.slice(parent.prefix.length, -1)) !== real;
  }

  static root(real: string): WatchedDirectory {
    return new WatchedDirectory("", real, null);
  }

  /** Takes in a directory below; null where its name leads back to this one or one above. */
  add(name: string, real: string): WatchedDirectory | null {
    if (this.#isWithin(real)) return null;
    const below = new WatchedDirectory(`${this.prefix}${name}/`, real, this);
    this.directories.set(name, below);
    return below;
  }

  /** The path of a name in it, without links above the name. */
  realOf(name: string): string {
    return joinName(this.real, name);
  }

  /** Itself and all below it. */
  *all(): Generator<WatchedDirectory, void, void> {
    yield this;
    for (const below of this.directories.values()) yield* below.all();
  }

  close(): void {
    this.isClosed = true;
    this.watch?.close();
    this.watch = null;
  }

  #isWithin(real: string): boolean {
    for (let at: WatchedDirectory | null = this; at !== null; at = at.parent)
      if (at.real === real) return true;
    return false;
  }
}
