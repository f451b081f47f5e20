import { realpathSync } from "node:fs";
import { sep } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { joinName } from "./look-at.ts";

/** No longer than a listing takes from looking at a directory to looking at its files. */
const knownMs = 10;

/** Where the directory of the files that are read one after the other is without links, for a moment. */
export class KnownDirectories {
  readonly #clock: Clock;
  #path: string | null = null;
  #real = "";
  #until = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The path of a file by that of its directory; null where the directory leads nowhere. A link itself is not followed. */
  realPathOf(path: string): string | null {
    const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf(sep));
    const directory = path.slice(0, cut);
    const now = this.#clock.monotonic();
    if (directory !== this.#path || now >= this.#until) {
      this.#path = null;
      try {
        this.#real = realpathSync.native(directory);
      } catch {
        return null;
      }
      this.#path = directory;
      this.#until = now + knownMs;
    }
    return joinName(this.#real, path.slice(cut + 1));
  }
}
