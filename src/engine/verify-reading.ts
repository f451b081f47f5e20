import type { Report } from "../contracts/events.ts";
import type { TargetContext, TargetDefinition, TargetRow } from "../contracts/target.ts";
import { abortableIteration } from "../kernel/abortable-iteration.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import type { Clock } from "../kernel/clock.ts";
import type { PlannedExport } from "../plan/index.ts";
import { prepareTarget } from "./prepare-target.ts";
import type { ExpectedRows } from "./verify-expected.ts";
import { type ReadBackRow, readBackDigest } from "./verify-read-back.ts";

export interface ReadingOptions {
  readonly planned: PlannedExport;
  readonly schemaVersion: number;
  /** What should be there; takes note of what is. */
  readonly rows: ExpectedRows;
  /** How many rows of each kind are named. */
  readonly limit: number;
  /** How many extra rows are kept. */
  readonly keptExtras: number;
  readonly context: TargetContext;
  readonly clock: Clock;
  readonly report: Report;
}

/** After so many rows of a target others get a turn: nobody could stop one that yields without ever waiting. */
const rowsATurn = 1_000;

/** One target being read back, row by row, and held against what should be there. */
export class TargetReading {
  readonly #options: ReadingOptions;
  /** What should be there, and how it was found. */
  readonly rows: ExpectedRows;
  readonly #digest: (row: TargetRow<unknown, unknown>) => ReadBackRow;
  /** How many rows the target holds. */
  found = 0;
  /** How many of them should not be there. */
  extra = 0;
  /** The first of these, with their keys as the target gave them. */
  extras: ReadBackRow[] = [];
  /** What is known of the first rows that differ, by encoded key. */
  differences = new Map<string, string | null>();

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.rows = options.rows;
    this.#digest = readBackDigest(options);
  }

  /** Reads all that the target holds, from the start. */
  async readWhole(): Promise<void> {
    this.#begin();
    const { planned, context } = this.#options;
    const target = await prepareTarget(planned, context);
    try {
      await this.#readPages(planned.definition.readBack!(target, context));
    } finally {
      await planned.definition.close(target);
    }
  }

  #begin(): void {
    this.rows.forgetSights();
    this.found = 0;
    this.extra = 0;
    this.extras = [];
    this.differences = new Map();
  }

  async #readPages(pages: ReturnType<NonNullable<TargetDefinition["readBack"]>>): Promise<void> {
    const { planned, context, clock, report } = this.#options;
    let sinceTurn = 0;
    for await (const page of abortableIteration(pages, context.signal)) {
      for (const row of page) this.#see(this.#digest(row));
      this.found += page.length;
      sinceTurn += page.length;
      if (sinceTurn < rowsATurn) continue;
      sinceTurn = 0;
      report({ kind: "target-read", target: planned.name, rows: this.found });
      await clock.idle();
    }
    report({ kind: "target-read", target: planned.name, rows: this.found });
  }

  #see(row: ReadBackRow): void {
    const { limit } = this.#options;
    const sight = row.key === null ? "extra" : this.rows.see(row.key, row.value);
    if (sight === "extra") {
      this.extra++;
      if (this.extras.length < this.#options.keptExtras) this.extras.push(row);
    } else if ((sight === "different" || sight === "again") && this.differences.size < limit) {
      const reason = sight === "again" ? "it is there more than once" : misfitText(row);
      this.differences.set(bytesToMapKey(row.key!), reason);
    }
  }
}

function misfitText({ misfit }: ReadBackRow): string | null {
  return misfit === null ? null : `the value does not fit: ${misfit}`;
}
