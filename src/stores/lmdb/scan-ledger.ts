import type { RowCount } from "./row-count.ts";

/** What one write did to the rows of a source, in order. `null` stands for all rows of the source going. */
export interface SourceChanges {
  readonly place: string;
  readonly before: RowCount;
  readonly after: RowCount;
  readonly steps: readonly ({ readonly key: Uint8Array; readonly by: 1 | -1 } | null)[];
}

/** How far a scan came, and how many rows it has to find in all. */
export interface ScanProgress {
  cursor: Uint8Array | null;
  emitted: number;
  expected: number;
  /** The count's `changes` that `expected` accounts for. */
  changes: number;
}

/** The scans under way in this process, told of every write that this process commits. */
export class ScanLedger {
  readonly #scans = new Map<string, Set<ScanProgress>>();

  isWatched(place: string): boolean {
    return this.#scans.has(place);
  }

  join(place: string, scan: ScanProgress): void {
    const scans = this.#scans.get(place) ?? new Set();
    this.#scans.set(place, scans.add(scan));
  }

  leave(place: string, scan: ScanProgress): void {
    const scans = this.#scans.get(place);
    if (scans?.delete(scan) && scans.size === 0) this.#scans.delete(place);
  }

  /** A row that comes or goes ahead of a scan's cursor is one that the scan will find, or not. */
  committed(changes: SourceChanges): void {
    for (const scan of this.#scans.get(changes.place) ?? []) {
      // Another process wrote in between: this scan's count cannot be known any more, which it sees by itself.
      if (scan.changes !== changes.before.changes) continue;
      scan.changes = changes.after.changes;
      for (const step of changes.steps) {
        if (step === null) scan.expected = scan.emitted;
        else if (scan.cursor === null || Buffer.compare(step.key, scan.cursor) > 0) scan.expected += step.by;
      }
    }
  }
}
