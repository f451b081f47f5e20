import type { Fingerprint } from "../values/index.ts";

/** What one row had to do with functions: kept while it is evaluated, by the functions' indexes in `Plan.functions`. */
export class RowCalls {
  /** Whether its calls go before those of rows that are not. */
  readonly urgent: boolean;
  /** The memos that it refers to. */
  readonly memos = new Set<Fingerprint>();
  /** Inputs that it gave each function. */
  readonly asked: number[];
  /** Those of them that were computed for it; the results of the others were remembered. */
  readonly computed: number[];

  constructor(functions: number, urgent = false) {
    this.urgent = urgent;
    this.asked = new Array<number>(functions).fill(0);
    this.computed = new Array<number>(functions).fill(0);
  }
}
