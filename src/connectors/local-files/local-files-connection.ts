import type { BigIntStats } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import type {
  ChangeEvent,
  ListOptions,
  SourceContext,
  SourceEntry,
  WatchOptions,
} from "../../contracts/source.ts";
import { SluiceError } from "../../errors/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import { FileSystemClock } from "./file-system-clock.ts";
import { type ChangeDetection, fileVersion } from "./file-version.ts";
import { inSlices } from "./in-slices.ts";
import { KnownDirectories } from "./known-directories.ts";
import { isOnListedWay } from "./listed-way.ts";
import { compilePatterns, type PathFilter } from "./patterns.ts";
import { type ReadResult, readFile } from "./read-file.ts";
import { isSameRoot, openRoot, type RealRoot, type SourceRoot, showPath } from "./source-root.ts";
import type { BinarySpec, TextSpec } from "./spec.ts";
import { type WalkedFile, walk } from "./walk.ts";
import type { ListingObserver } from "./watch/listed-directories.ts";
import { watchesRecursively, watchFiles } from "./watch/watch-files.ts";

export interface FileKey {
  readonly filename: string;
}

type FileEntry<V> = SourceEntry<{ filename: string }, V>;

/** The opened source: lists the files of a directory and reads their bytes. */
export class LocalFilesConnection {
  readonly #root: SourceRoot;
  readonly #filter: PathFilter;
  readonly #maxFileSize: number;
  readonly #changeDetection: ChangeDetection;
  readonly #text: boolean;
  readonly #clock: Clock;
  readonly #fileSystemClock: FileSystemClock;
  readonly #directories: KnownDirectories;
  /** The root when it was last listed, or first read from. */
  #known: RealRoot | null = null;
  readonly #listingObservers = new Set<ListingObserver>();

  constructor(spec: TextSpec | BinarySpec, { appDirectory, clock }: SourceContext) {
    this.#changeDetection = spec.changeDetection ?? "strict";
    this.#root = {
      given: spec.path,
      path: resolve(appDirectory, spec.path),
      stableInodes: this.#changeDetection === "strict",
    };
    this.#filter = compilePatterns(spec);
    this.#maxFileSize = spec.maxFileSize ?? Number.POSITIVE_INFINITY;
    this.#text = spec.binary !== true;
    this.#clock = clock;
    this.#directories = new KnownDirectories(clock);
    this.#fileSystemClock = new FileSystemClock(clock, [join(appDirectory, ".sluice"), tmpdir()]);
  }

  async *list<V>(options: ListOptions): AsyncGenerator<readonly FileEntry<V>[], void, void> {
    this.#known = openRoot(this.#root);
    const observers = [...this.#listingObservers];
    const files = walk({
      root: this.#root,
      filter: this.#filter,
      incomplete: (reason) => options.incomplete(reason),
      entered: (prefix) => {
        for (const observer of observers) observer.entered(prefix);
      },
    });
    for (const observer of observers) observer.began();
    try {
      yield* inSlices(this.#entriesOf<V>(files), { clock: this.#clock, signal: options.signal });
    } finally {
      for (const observer of observers) observer.ended();
    }
  }

  /**
   * Never says that a file is gone: when it is read, whoever reads knows better, and knows whether the root is there.
   */
  async *watch(options: WatchOptions): AsyncGenerator<readonly ChangeEvent<FileKey, never>[], void, void> {
    const request = {
      root: this.#root,
      filter: this.#filter,
      clock: this.#clock,
      recursive: watchesRecursively,
      lastListed: () => this.#known,
      listingObservers: this.#listingObservers,
      options,
    };
    for await (const paths of watchFiles(request)) yield paths.map((filename) => ({ key: { filename } }));
  }

  /** Null where a listing would not have the file now. */
  read({ filename }: FileKey): ReadResult | null {
    this.#known ??= openRoot(this.#root);
    const known = this.#known;
    if (!isPath(filename) || !this.#filter.takes(filename)) return null;
    const result = readFile({
      path: `${this.#root.path}/${filename}`,
      shown: this.show(filename),
      changeDetection: this.#changeDetection,
      clock: this.#fileSystemClock,
      directories: this.#directories,
      accepts: (real, stats) => this.#fits(stats) && isOnListedWay(known, filename, real),
      text: this.#text,
    });
    // A row is gone only while the directory that held it is still there: a mount that went away deletes nothing.
    if (result === null && !isSameRoot(this.#root, known)) throw this.#rootGone(filename);
    return result;
  }

  /** The file as messages name it. */
  show(filename: string): string {
    return showPath(this.#root, filename);
  }

  close(): void {
    this.#fileSystemClock.close();
  }

  #fits(stats: BigIntStats): boolean {
    return Number(stats.size) <= this.#maxFileSize;
  }

  /** One by one: what the system says of a file is large, and should not outlive the look at the next. */
  *#entriesOf<V>(files: Iterable<WalkedFile | null>): Generator<FileEntry<V> | null, void, void> {
    for (const file of files) yield file !== null && this.#fits(file.stats) ? this.#entryOf(file) : null;
  }

  #entryOf<V>({ path, stats }: WalkedFile): FileEntry<V> {
    const key = { filename: path };
    if (this.#changeDetection === "content") return { key };
    return { key, contentVersion: fileVersion(stats, this.#changeDetection) };
  }

  #rootGone(filename: string): SluiceError {
    return new SluiceError(
      "source-read-failed",
      `cannot read ${JSON.stringify(this.show(filename))}: the directory ${JSON.stringify(this.#root.given)} went away`,
      { hint: "Run the update again when the directory is in its place." },
    );
  }
}

/** Whether a key could come from a listing: no `..`, no empty segment, nothing that a platform takes for `/`. */
function isPath(filename: string): boolean {
  if (filename.includes("\0") || (sep === "\\" && /[\\:]/.test(filename))) return false;
  return filename.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}
