import { type LinkTarget, resolveLink } from "../resolve-link.ts";
import { isSameDirectory, type RealRoot } from "../source-root.ts";
import type { LinkTargets } from "./link-targets.ts";
import type { WatchedDirectory } from "./watched-directory.ts";

/** The links of a tree that could be files or directories of it, with what they led to when looked at last. */
export class WatchedLinks {
  readonly #root: RealRoot;
  readonly #targets: LinkTargets;
  readonly #links = new Map<WatchedDirectory, Map<string, LinkTarget | null>>();

  constructor(root: RealRoot, targets: LinkTargets) {
    this.#root = root;
    this.#targets = targets;
  }

  get isEmpty(): boolean {
    return this.#links.size === 0;
  }

  /** What the link leads to; null for nothing in the root. It is remembered, for that may change. */
  follow(directory: WatchedDirectory, name: string, takesFile: boolean): LinkTarget | null {
    const target = this.#resolve(directory, name);
    const links = this.#links.get(directory) ?? new Map<string, LinkTarget | null>();
    this.#links.set(directory, links.set(name, target));
    if (takesFile && target?.stats.isFile()) this.#targets.add(target.real, directory.prefix + name);
    return target;
  }

  forget(directory: WatchedDirectory, name: string): void {
    const links = this.#links.get(directory);
    const target = links?.get(name);
    if (target) this.#targets.remove(target.real, directory.prefix + name);
    if (links?.delete(name) && links.size === 0) this.#links.delete(directory);
  }

  forgetAll(directory: WatchedDirectory): void {
    for (const name of [...(this.#links.get(directory)?.keys() ?? [])]) this.forget(directory, name);
  }

  /** The links that lead to something else than they did; null is one that does not. */
  *moved(): Generator<readonly [WatchedDirectory, string] | null, void, void> {
    this.#targets.renew();
    for (const [directory, links] of [...this.#links])
      for (const [name, target] of [...links]) {
        if (!links.has(name)) continue;
        const isStale = directory.directories.get(name)?.isStale;
        const isMoved = isStale || !isSame(target, this.#resolve(directory, name));
        yield isMoved ? [directory, name] : null;
      }
  }

  #resolve(directory: WatchedDirectory, name: string): LinkTarget | null {
    try {
      return resolveLink(this.#root, directory.realOf(name));
    } catch {
      // What keeps it from being followed is reported by listings.
      return null;
    }
  }
}

/** Files are told of by the directory that they are in, so that only another one in the place of one counts. */
function isSame(a: LinkTarget | null, b: LinkTarget | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.real !== b.real || a.stats.isDirectory() !== b.stats.isDirectory()) return false;
  return !a.stats.isDirectory() || isSameDirectory(a.stats, b.stats);
}
