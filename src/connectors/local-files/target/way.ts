import { mkdirSync } from "node:fs";
import { joinName, lookAt } from "../look-at.ts";

/** What stands in the way to a file. */
export interface Obstacle {
  /** Its path below the root. */
  readonly path: string;
  readonly kind: "link" | "file";
}

/**
 * The directories on the way to files below a root, each looked at once. None may be a link, which could lead out, or
 * make one file of two paths.
 */
export class Ways {
  readonly #root: string;
  readonly #known = new Set<string>();
  /** The directories that `make` has made, in that order. */
  readonly made: string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether every directory above a path is there, and none is a link. */
  isOpen(path: string): boolean {
    return this.#walk(path, () => false) === null;
  }

  /** Makes the directories above a path; what keeps it from that. */
  make(path: string): Obstacle | null {
    const obstacle = this.#walk(path, (directory) => {
      mkdirSync(joinName(this.#root, directory));
      this.made.push(directory);
      return true;
    });
    return obstacle === "missing" ? null : obstacle;
  }

  /** The directories above a path as far as the way is open, once it was looked at. */
  openParents(path: string): string[] {
    return parentsOf(path).filter((parent) => this.#known.has(parent));
  }

  #walk(path: string, missing: (directory: string) => boolean): Obstacle | "missing" | null {
    for (const directory of parentsOf(path)) {
      if (this.#known.has(directory)) continue;
      const seen = lookAt(joinName(this.#root, directory));
      if (seen === undefined) {
        if (!missing(directory)) return "missing";
      } else if (!seen.isDirectory()) {
        return { path: directory, kind: seen.isSymbolicLink() ? "link" : "file" };
      }
      this.#known.add(directory);
    }
    return null;
  }
}

/** The directories above a path, the outermost first; not the root. */
export function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    parents.push(path.slice(0, end));
  }
  return parents;
}
