import { basename, sep } from "node:path";
import { lookAt } from "../look-at.ts";
import type { PathFilter } from "../patterns.ts";
import { type NameKind, readDirectory } from "../read-directory.ts";
import type { RealRoot } from "../source-root.ts";
import type { HintKind } from "./directory-watch.ts";
import { LinkTargets } from "./link-targets.ts";
import type { WatchOpener } from "./watch-opener.ts";
import { WatchedDirectory } from "./watched-directory.ts";
import { WatchedLinks } from "./watched-links.ts";

/** What a tree says of itself, at any time. */
export interface TreeListener {
  /** A file may have changed, come or gone. */
  tell(path: string): void;
  /** There is something for `settle` to do. */
  hinted(): void;
  /** It is found out what has become of a name that was hinted at. */
  looked(path: string): void;
  /** Something befell the root itself. */
  rootHinted(): void;
  /** Something befell nobody knows what. */
  lost(): void;
  /** Nothing more will come. */
  failed(reason: unknown): void;
}

export interface TreeRequest {
  readonly root: RealRoot;
  readonly filter: PathFilter;
  readonly opener: WatchOpener;
  /** Whether one watch of the system covers all that is below a directory. */
  readonly recursive: boolean;
  readonly listener: TreeListener;
}

/** Steps of a synchronous walk: a directory that was looked through, or null. */
export type Steps = Generator<WatchedDirectory | null, void, void>;

/**
 * The directories that a listing enters, each with a watch and the names of its files.
 *
 * A file that is known and only has another content is told of at once. Whatever else a hint names is looked at
 * later, in `settle`: a directory that came is watched first and looked through then, so that nothing falls between,
 * and all its files are told of; of one that went, all that was known below it.
 */
export class WatchTree {
  readonly root: RealRoot;
  readonly #request: TreeRequest;
  readonly #top: WatchedDirectory;
  readonly #targets: LinkTargets;
  readonly #links: WatchedLinks;
  #hints = new Map<WatchedDirectory, Set<string>>();
  #linksMayHaveMoved = false;
  #isClosed = false;

  constructor(request: TreeRequest) {
    this.root = request.root;
    this.#request = request;
    this.#top = WatchedDirectory.root(request.root.real);
    this.#targets = new LinkTargets(request.opener, {
      tell: (path) => this.#tell(path),
      moved: () => this.#doubtLinks(),
      failed: (reason) => request.listener.failed(reason),
    });
    this.#links = new WatchedLinks(request.root, this.#targets);
  }

  get linksMayHaveMoved(): boolean {
    return this.#linksMayHaveMoved;
  }

  /** Watches every directory, and tells of nothing. Throws what the file system says of the root. */
  arm(): Steps {
    return this.#enter(this.#top, () => {});
  }

  /** Looks at what was hinted at until now. */
  *settle(): Steps {
    const hints = this.#hints;
    this.#hints = new Map();
    for (const [directory, names] of hints)
      for (const name of names) {
        yield* this.#look(directory, name);
        yield null;
      }
  }

  /** Looks where each link leads to now. */
  *followLinks(): Steps {
    this.#linksMayHaveMoved = false;
    for (const moved of this.#links.moved()) {
      if (moved !== null) yield* this.#look(...moved);
      yield null;
    }
  }

  /** The first directory whose watch has died; null where all are alive. */
  findDead(): string | null {
    for (const { real, watch } of this.#top.all()) if (watch?.isAlive === false) return real;
    return this.#targets.findDead();
  }

  /** Looks at nothing more, and tells nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const directory of this.#top.all()) directory.close();
    this.#targets.close();
    this.#hints.clear();
  }

  *#enter(directory: WatchedDirectory, tell: (path: string) => void): Steps {
    const waiting = [directory];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.#watch(next);
      for (const { name, kind } of this.#namesIn(next)) {
        const below = this.#adopt(next, name, kind, tell);
        if (below !== null) waiting.push(below);
        yield null;
      }
      yield next;
    }
  }

  #watch(directory: WatchedDirectory): void {
    const { opener, recursive, listener } = this.#request;
    if (recursive && directory.parent !== null && !directory.isLink) return;
    directory.watch = opener.open(directory.real, recursive, {
      hint: (kind, name) => this.#hint(directory, kind, name),
      failed: (reason) => listener.failed(reason),
    });
  }

  #namesIn(directory: WatchedDirectory): Iterable<{ readonly name: string; readonly kind: NameKind }> {
    try {
      return readDirectory(directory.real).names;
    } catch (error) {
      if (directory === this.#top) throw error;
      // It has gone again, or must not be read: a listing reports that, and its parent tells when it changes.
      return [];
    }
  }

  /** Takes a name in, as a listing would; returns the directory that is to be entered. */
  #adopt(
    directory: WatchedDirectory,
    name: string,
    kind: NameKind,
    tell: (path: string) => void,
  ): WatchedDirectory | null {
    const path = directory.prefix + name;
    const { filter } = this.#request;
    const takes = kind !== "directory" && filter.takesFile(path);
    const enters = kind !== "file" && filter.entersDirectory(path);
    if (kind === "other" || (!takes && !enters)) return null;
    const target = kind === "link" ? this.#links.follow(directory, name, takes) : null;
    if (kind === "file" || (takes && target?.stats.isFile())) {
      directory.files.add(name);
      tell(path);
    }
    if (kind === "directory") return directory.add(name, directory.realOf(name));
    return enters && target?.stats.isDirectory() ? directory.add(name, target.real) : null;
  }

  /** Finds out what has become of a name, and tells of all that may have changed with it. */
  *#look(directory: WatchedDirectory, name: string): Steps {
    const path = directory.prefix + name;
    this.#request.listener.looked(path);
    const takes = this.#request.filter.takesFile(path);
    const wasFile = directory.files.has(name);
    const wasKnown = wasFile || directory.directories.has(name);
    yield* this.#forget(directory, name);
    const kind = directory.isClosed ? null : kindOf(directory.realOf(name));
    if (!wasFile || kind !== "file") this.#doubtLinks();
    if (kind === null) {
      // A directory is hinted at by its own name as well.
      if (!wasKnown && name === basename(directory.real)) this.#doubtItself(directory);
      // Whoever lists the source may have seen a file here that we have not.
      else if (!wasKnown && takes) this.#tell(path);
      return;
    }
    const below = this.#adopt(directory, name, kind, (file) => this.#tell(file));
    if (below !== null) yield* this.#enter(below, (file) => this.#tell(file));
  }

  *#forget(directory: WatchedDirectory, name: string): Steps {
    if (directory.files.delete(name)) this.#tell(directory.prefix + name);
    this.#links.forget(directory, name);
    const below = directory.directories.get(name);
    if (below === undefined) return;
    directory.directories.delete(name);
    for (const gone of below.all()) {
      gone.close();
      this.#links.forgetAll(gone);
      for (const file of gone.files) {
        this.#tell(gone.prefix + file);
        yield null;
      }
      yield gone;
    }
  }

  #hint(watched: WatchedDirectory, kind: HintKind, name: string | null): void {
    const { listener, recursive } = this.#request;
    if (name === null) listener.lost();
    else {
      const [directory, own] = recursive ? locate(watched, name) : [watched, name];
      if (kind === "rename" || this.#mayBeNewFile(directory, own)) this.#lookLater(directory, own);
      else if (directory.files.has(own)) this.#tell(directory.prefix + own);
    }
  }

  /** Of a directory, some systems say that it has changed whenever a name in it comes or goes. */
  #mayBeNewFile(directory: WatchedDirectory, name: string): boolean {
    if (directory.files.has(name) || directory.directories.has(name)) return false;
    return this.#request.filter.takesFile(directory.prefix + name);
  }

  #lookLater(directory: WatchedDirectory, name: string): void {
    const names = this.#hints.get(directory) ?? new Set<string>();
    this.#hints.set(directory, names.add(name));
    this.#request.listener.hinted();
  }

  /** Its parent is hinted at too, and tells more; but not that of the root, nor that of a link. */
  #doubtItself(directory: WatchedDirectory): void {
    directory.isStale = true;
    if (directory === this.#top) this.#request.listener.rootHinted();
  }

  #doubtLinks(): void {
    if (this.#links.isEmpty || this.#linksMayHaveMoved) return;
    this.#linksMayHaveMoved = true;
    this.#request.listener.hinted();
  }

  #tell(path: string): void {
    if (!this.#isClosed) this.#request.listener.tell(path);
  }
}

/** The directory that a path below a watched one is a name in, as far as it is known. */
function locate(watched: WatchedDirectory, path: string): readonly [WatchedDirectory, string] {
  const names = path.split(sep);
  let directory = watched;
  for (const name of names.slice(0, -1)) {
    const below = directory.directories.get(name);
    if (below === undefined) return [directory, name];
    directory = below;
  }
  return [directory, names.at(-1)!];
}

function kindOf(path: string): NameKind | null {
  try {
    const stats = lookAt(path);
    if (stats === undefined) return null;
    if (stats.isFile()) return "file";
    if (stats.isDirectory()) return "directory";
    return stats.isSymbolicLink() ? "link" : "other";
  } catch {
    return null;
  }
}
