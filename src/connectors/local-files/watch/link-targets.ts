import type { BigIntStats } from "node:fs";
import { basename, dirname } from "node:path";
import { lookAt } from "../look-at.ts";
import { isSameDirectory } from "../source-root.ts";
import type { DirectoryWatch, HintKind } from "./directory-watch.ts";
import type { WatchOpener } from "./watch-opener.ts";

export interface LinkTargetsListener {
  /** The file that this link leads to may have changed. */
  tell(path: string): void;
  /** Links may lead elsewhere now. */
  moved(): void;
  failed(reason: unknown): void;
}

/** A directory with files that links lead to. */
interface TargetDirectory {
  readonly real: string;
  /** Of the directory that is watched; undefined where there was none. */
  stats: BigIntStats | undefined;
  watch: DirectoryWatch | null;
  /** The paths of the links to each name. */
  readonly links: Map<string, Set<string>>;
}

/**
 * Tells of the files that links lead to, under the names of the links. The directories they are in may be left out
 * of the tree by patterns, so they are watched apart; a directory watched twice costs the system one watch.
 */
export class LinkTargets {
  readonly #opener: WatchOpener;
  readonly #listener: LinkTargetsListener;
  readonly #directories = new Map<string, TargetDirectory>();

  constructor(opener: WatchOpener, listener: LinkTargetsListener) {
    this.#opener = opener;
    this.#listener = listener;
  }

  /** From now on, the link at the path is told of when this file may have changed. */
  add(real: string, path: string): void {
    const { links } = this.#directoryAt(dirname(real));
    const name = basename(real);
    const paths = links.get(name) ?? new Set();
    links.set(name, paths.add(path));
  }

  remove(real: string, path: string): void {
    const directory = this.#directories.get(dirname(real));
    const paths = directory?.links.get(basename(real));
    if (!directory || !paths?.delete(path)) return;
    if (paths.size === 0) directory.links.delete(basename(real));
    if (directory.links.size > 0) return;
    directory.watch?.close();
    this.#directories.delete(directory.real);
  }

  /** Watches the directories anew that have others in their place, and tells of all links into them. */
  renew(): void {
    for (const directory of this.#directories.values()) {
      const stats = lookQuietly(directory.real);
      if (directory.watch !== null && stats && directory.stats && isSameDirectory(directory.stats, stats))
        continue;
      directory.watch?.close();
      this.#watch(directory);
      for (const paths of directory.links.values()) for (const path of paths) this.#listener.tell(path);
    }
  }

  /** The first directory whose watch has died; null where all are alive. */
  findDead(): string | null {
    for (const { real, watch } of this.#directories.values()) if (watch?.isAlive === false) return real;
    return null;
  }

  close(): void {
    for (const { watch } of this.#directories.values()) watch?.close();
    this.#directories.clear();
  }

  #directoryAt(real: string): TargetDirectory {
    const known = this.#directories.get(real);
    if (known) return known;
    const directory: TargetDirectory = { real, stats: undefined, watch: null, links: new Map() };
    this.#directories.set(real, directory);
    this.#watch(directory);
    return directory;
  }

  /** Looks first: should another one come between, then it is taken for replaced, and not for watched. */
  #watch(directory: TargetDirectory): void {
    directory.stats = lookQuietly(directory.real);
    directory.watch = this.#opener.open(directory.real, false, {
      hint: (kind, name) => this.#hint(directory, kind, name),
      failed: (reason) => this.#listener.failed(reason),
    });
  }

  #hint(directory: TargetDirectory, kind: HintKind, name: string | null): void {
    for (const path of directory.links.get(name ?? "") ?? []) this.#listener.tell(path);
    if (kind !== "rename") return;
    // Its own name says that something befell the directory itself: then it is watched anew.
    if (name === basename(directory.real)) directory.stats = undefined;
    this.#listener.moved();
  }
}

function lookQuietly(path: string): BigIntStats | undefined {
  try {
    return lookAt(path);
  } catch {
    return undefined;
  }
}
