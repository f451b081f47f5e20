import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a case of a kit works. Two cases never share one. */
export interface ConformancePlace {
  /**
   * A name that nothing has yet, to call a table, a collection or a directory by: a lower-case letter, then
   * lower-case letters, digits and `_`; at most 40 characters.
   */
  readonly name: string;
  /** A directory of the case, empty at first: what relative paths of a spec resolve against. */
  readonly appDirectory: string;
}

/** The places of one case, and the directory that they are in. */
export class ConformancePlaces {
  readonly appDirectory: string = mkdtempSync(join(tmpdir(), "sluice-kit-"));
  readonly #prefix = `kit_${Date.now().toString(36)}_${randomBytes(5).toString("hex")}`;
  readonly #made: ConformancePlace[] = [];

  /** The places that were asked for. */
  get made(): readonly ConformancePlace[] {
    return this.#made;
  }

  /** A place that was not there before. */
  next(): ConformancePlace {
    const place = { name: `${this.#prefix}_${this.#made.length}`, appDirectory: this.appDirectory };
    this.#made.push(place);
    return place;
  }

  dispose(): void {
    rmSync(this.appDirectory, { recursive: true, force: true });
  }
}
