import type { FlowId, Scan, ScanPage, SourceId } from "../../contracts/state-store.ts";
import type { Environment } from "./environment.ts";
import { readFlow } from "./flow-record.ts";
import type { RowPlace } from "./keyed-records.ts";
import { closed, damaged } from "./lmdb-errors.ts";
import { PageBuilder } from "./page-builder.ts";
import { placeName } from "./place-name.ts";
import { readRowCount } from "./row-count.ts";
import type { ScanProgress } from "./scan-ledger.ts";

/**
 * A pass over the version records of a source. Each page is a read transaction of its own, which goes on after
 * the last key, so that a pass of minutes keeps no old pages from being used again.
 */
export class LmdbScan implements Scan {
  readonly #environment: Environment;
  readonly #of: { readonly flow: FlowId; readonly source: SourceId };
  readonly #isOpen: () => boolean;
  readonly #progress: ScanProgress = { cursor: null, emitted: 0, expected: 0, changes: 0 };
  #place: RowPlace | null = null;
  #builder: PageBuilder | null = null;
  #countKnown = true;
  #ended = false;

  constructor(
    environment: Environment,
    of: { readonly flow: FlowId; readonly source: SourceId },
    isOpen: () => boolean,
  ) {
    this.#environment = environment;
    this.#of = of;
    this.#isOpen = isOpen;
  }

  nextPage(): ScanPage | null {
    if (!this.#isOpen()) throw closed();
    if (this.#ended) return null;
    try {
      return this.#read();
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  close(): void {
    this.#ended = true;
    if (this.#place) this.#environment.ledger.leave(placeName(this.#place), this.#progress);
    this.#place = null;
    this.#builder = null;
  }

  #read(): ScanPage | null {
    const { tree } = this.#environment;
    tree.refresh();
    if (!this.#place && !this.#begin()) {
      this.#ended = true;
      return null;
    }
    const place = this.#place!;
    const builder = this.#builder!;
    this.#followCount(place);
    const page = builder.read(tree);
    this.#progress.cursor = builder.last;
    this.#progress.emitted += page?.count ?? 0;
    tree.refresh();
    if (page === null) this.#end(place);
    return page;
  }

  #begin(): boolean {
    const { tree, file, ledger } = this.#environment;
    const flow = readFlow(tree, file, this.#of.flow);
    if (!flow) return false;
    const place = { ...this.#of, flowNumber: flow.id, file };
    const { rows, changes } = readRowCount(tree, place);
    this.#progress.expected = rows;
    this.#progress.changes = changes;
    this.#place = place;
    this.#builder = new PageBuilder("version", place);
    ledger.join(placeName(place), this.#progress);
    return true;
  }

  /** Rows that another process wrote meanwhile are not known one by one, so nothing can be said of the count then. */
  #followCount(place: RowPlace): void {
    const { changes } = readRowCount(this.#environment.tree, place);
    if (changes !== this.#progress.changes) this.#countKnown = false;
  }

  #end(place: RowPlace): void {
    const { emitted, expected } = this.#progress;
    this.close();
    if (!this.#countKnown || emitted === expected) return;
    const what = `source ${place.source} of flow ${place.flow} has ${expected} rows, and ${emitted} were found`;
    throw damaged(place.file, what, { flow: place.flow, source: String(place.source) });
  }
}
