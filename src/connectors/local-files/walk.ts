import type { BigIntStats } from "node:fs";
import { SluiceError } from "../../errors/index.ts";
import { compareText } from "../../values/index.ts";
import { joinName, lookAt } from "./look-at.ts";
import type { PathFilter } from "./patterns.ts";
import { type DirectoryContent, type DirectoryName, readDirectory } from "./read-directory.ts";
import { type LinkTarget, resolveLink } from "./resolve-link.ts";
import {
  describeFailure,
  isMissing,
  isSameRoot,
  openRoot,
  type RealRoot,
  rootError,
  rootReplacedError,
  type SourceRoot,
  showPath,
} from "./source-root.ts";

export interface WalkedFile {
  /** Relative to the root, with `/` separators. */
  readonly path: string;
  readonly stats: BigIntStats;
}

export interface WalkRequest {
  readonly root: SourceRoot;
  readonly filter: PathFilter;
  /** Told of each part of the tree that could not be listed. */
  incomplete(reason: SluiceError): void;
  /** Told of each directory whose names were read, by its path with `/` at the end: empty for the root. */
  entered(prefix: string): void;
}

/**
 * Every file below the root that the filter takes, in ascending order of the UTF-8 bytes of its path. Links are
 * followed as long as they stay inside the root and do not lead back to a directory on their own path; files
 * that are not regular are left out. Synchronous, in steps of one name: null is a step without a file.
 *
 * @throws SluiceError `listing-failed` when the root is not there, or not the same directory at the end
 */
export function* walk(request: WalkRequest): Generator<WalkedFile | null, void, void> {
  const real = openRoot(request.root);
  const walker = new Walker(request, real);
  yield* walker.steps();
  if (!isSameRoot(request.root, real)) throw rootReplacedError(request.root);
}

/** A directory being walked. */
interface Frame {
  /** What its names are prefixed with: empty for the root, else it ends with `/`. */
  readonly prefix: string;
  /** Its path without links. */
  readonly real: string;
  /** What is to be visited, in order; a directory's name ends with `/`. */
  readonly names: readonly string[];
  /** Where the names that are links lead to. */
  readonly links: ReadonlyMap<string, string>;
  next: number;
  /** Whether an unreadable file was reported: one report a directory is enough. */
  reported: boolean;
}

class Walker {
  readonly #request: WalkRequest;
  readonly #root: RealRoot;
  readonly #stack: Frame[] = [];

  constructor(request: WalkRequest, root: RealRoot) {
    this.#request = request;
    this.#root = root;
  }

  *steps(): Generator<WalkedFile | null, void, void> {
    this.#enter("", this.#root.real);
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      const name = frame.names[frame.next++];
      if (name === undefined) this.#stack.pop();
      else if (!name.endsWith("/")) yield this.#visitFile(frame, name);
      else {
        this.#enter(frame.prefix + name, realOf(frame, name));
        yield null;
      }
    }
  }

  #enter(prefix: string, real: string): void {
    if (this.#stack.some((frame) => frame.real === real)) return;
    let content: DirectoryContent;
    try {
      content = readDirectory(real);
    } catch (error) {
      this.#skipDirectory(prefix, real, error);
      return;
    }
    this.#request.entered(prefix);
    this.#reportUndecodable(prefix, content.undecodable);
    this.#stack.push(this.#openFrame(prefix, real, content));
  }

  #openFrame(prefix: string, real: string, content: DirectoryContent): Frame {
    const names: string[] = [];
    const links = new Map<string, string>();
    for (const entry of content.names) {
      const path = prefix + entry.name;
      if (entry.kind === "link") this.#followLink(path, joinName(real, entry.name), entry.name, names, links);
      else if (entry.kind === "file" && this.#request.filter.takesFile(path)) names.push(entry.name);
      else if (entry.kind === "directory" && this.#request.filter.entersDirectory(path))
        names.push(`${entry.name}/`);
    }
    if (content.beyondBasic) names.sort(compareText);
    else names.sort();
    return { prefix, real, names, links, next: 0, reported: false };
  }

  #followLink(path: string, link: string, name: string, names: string[], links: Map<string, string>): void {
    const { filter } = this.#request;
    const takes = filter.takesFile(path);
    const enters = filter.entersDirectory(path);
    if (!takes && !enters) return;
    const target = this.#resolveLink(path, link);
    if (target === null) return;
    const key = target.stats.isDirectory() ? `${name}/` : name;
    if (key === name ? !takes || !target.stats.isFile() : !enters) return;
    names.push(key);
    links.set(key, target.real);
  }

  #resolveLink(path: string, link: string): LinkTarget | null {
    try {
      return resolveLink(this.#root, link);
    } catch (error) {
      this.#reportUnreadable("follow link", path, error);
      return null;
    }
  }

  #visitFile(frame: Frame, name: string): WalkedFile | null {
    try {
      const stats = lookAt(realOf(frame, name));
      return stats?.isFile() ? { path: frame.prefix + name, stats } : null;
    } catch (error) {
      if (!frame.reported) this.#reportUnreadable("look at file", frame.prefix + name, error);
      frame.reported = true;
      return null;
    }
  }

  /** A directory that went away meanwhile holds no rows; one that cannot be read leaves the listing incomplete. */
  #skipDirectory(prefix: string, real: string, error: unknown): void {
    const { root } = this.#request;
    if (prefix === "") throw rootError(root, error);
    if (isMissing(error)) {
      if (!isSameRoot(root, this.#root)) throw rootReplacedError(root);
      // On file systems whose directories do not tell types, an entry that vanishes fails the whole directory.
      if (!lookAt(real)?.isDirectory()) return;
    }
    this.#reportUnreadable("list directory", prefix.slice(0, -1), error);
  }

  #reportUnreadable(verb: string, path: string, error: unknown): void {
    const message = `cannot ${verb} ${this.#show(path)}: ${describeFailure(error)}`;
    this.#request.incomplete(
      new SluiceError("listing-incomplete", message, {
        hint: "Make it readable for the user that runs Sluice, or leave it out with excludedPatterns.",
        cause: error,
      }),
    );
  }

  #reportUndecodable(prefix: string, names: readonly DirectoryName[]): void {
    const { filter } = this.#request;
    const missed = names.filter(
      ({ name, kind }) =>
        (kind !== "directory" && kind !== "other" && filter.takesFile(prefix + name)) ||
        (kind !== "file" && kind !== "other" && filter.entersDirectory(prefix + name)),
    );
    if (missed.length === 0) return;
    const more = missed.length > 1 ? ` and ${missed.length - 1} more beside it` : "";
    const message = `the name of ${this.#show(prefix + missed[0]!.name)}${more} is not valid UTF-8`;
    this.#request.incomplete(
      new SluiceError("listing-incomplete", message, {
        hint: "Rename it, or leave it out with excludedPatterns, where ? stands for each broken part.",
      }),
    );
  }

  #show(path: string): string {
    return JSON.stringify(showPath(this.#request.root, path));
  }
}

function realOf(frame: Frame, name: string): string {
  return frame.links.get(name) ?? joinName(frame.real, name.endsWith("/") ? name.slice(0, -1) : name);
}
