import { SluiceError } from "../../../errors/index.ts";
import { describeFailure, isMissing, type SourceRoot, systemCode } from "../source-root.ts";
import { DirectoryWatch, type WatchListener } from "./directory-watch.ts";

/** Opens the watches of one tree, for as long as the system allows more. */
export class WatchOpener {
  #opened = 0;
  #refused = 0;
  /** The first directory that could not be watched. */
  #first: { readonly path: string; readonly error: unknown } | null = null;

  /**
   * Null where the directory is not there or must not be read: then it has no rows, and its parent tells when that
   * changes. Null too where the system refuses; once it has for want of room it is asked no more.
   */
  open(path: string, recursive: boolean, listener: WatchListener): DirectoryWatch | null {
    if (this.#first !== null && isLimit(this.#first.error)) {
      this.#refused++;
      return null;
    }
    try {
      const watch = new DirectoryWatch(path, recursive, listener);
      this.#opened++;
      return watch;
    } catch (error) {
      if (!isMissing(error) && !isDenied(error)) this.#refuse(path, error);
      return null;
    }
  }

  /** Whether the first directory that was refused would be so again. */
  isStillRefused(): boolean {
    if (this.#first === null) return false;
    try {
      new DirectoryWatch(this.#first.path, false, { hint() {}, failed() {} }).close();
      return false;
    } catch (error) {
      return !isMissing(error) && !isDenied(error);
    }
  }

  /** What is not watched, and why; null where all is. */
  describeShortage(root: SourceRoot): SluiceError | null {
    if (this.#first === null) return null;
    const all = this.#opened + this.#refused;
    const { error } = this.#first;
    const { problem, hint } = explain(error);
    return new SluiceError(
      "watch-degraded",
      `${this.#refused} of ${all} directories of ${JSON.stringify(root.given)} are not watched: ${problem}`,
      { hint: `${hint} Until then the source is listed now and then.`, cause: error },
    );
  }

  #refuse(path: string, error: unknown): void {
    this.#refused++;
    if (this.#first === null || isLimit(error)) this.#first = { path, error };
  }
}

function explain(error: unknown): { readonly problem: string; readonly hint: string } {
  switch (systemCode(error)) {
    case "ENOSPC":
      return {
        problem: "the system allows this user no more watches (ENOSPC)",
        hint: "Raise the limit (sysctl fs.inotify.max_user_watches=1048576), or leave directories out with excludedPatterns.",
      };
    case "EMFILE":
      return {
        problem: "too many files are open, or too many programs of this user watch files (EMFILE)",
        hint: "Raise the limits (ulimit -n, sysctl fs.inotify.max_user_instances=1024).",
      };
    default:
      return {
        problem: describeFailure(error),
        hint: "Leave what cannot be watched out with excludedPatterns.",
      };
  }
}

/** Whether more of the same would fail alike. */
function isLimit(error: unknown): boolean {
  return ["ENOSPC", "EMFILE", "ENFILE", "ENOMEM"].includes(systemCode(error) ?? "");
}

function isDenied(error: unknown): boolean {
  return systemCode(error) === "EACCES" || systemCode(error) === "EPERM";
}
