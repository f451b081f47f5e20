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

  /** A place that was not there before. */
  next(): ConformancePlace {
    const place = { name: `${this.#prefix}_${this.#made.length}`, appDirectory: this.appDirectory };
    this.#made.push(place);
    return place;
  }

  /** Lets each place be cleaned up, and removes the directory. */
  async dispose(cleanUp: (place: ConformancePlace) => unknown): Promise<void> {
    try {
      for (const place of this.#made) await cleanUp(place);
    } finally {
      rmSync(this.appDirectory, { recursive: true, force: true });
    }
  }
}

/** Work, and then what must be done whatever came of it. Where both fail, the work's failure is the one to tell. */
export async function cleanedUp(work: () => Promise<void>, cleanUp: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    await cleanUp().catch(() => {});
    throw thrown;
  }
  await cleanUp();
}
