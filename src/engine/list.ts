import type { ListOptions, SourceEntry } from "../contracts/source.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { compareBytes } from "../kernel/bytes.ts";
import type { PlannedSource } from "../plan/index.ts";
import type { ReadingRun } from "./run.ts";

/** A row that a listing named, with its key encoded. */
export interface ListedRow {
  readonly entry: SourceEntry<unknown, unknown>;
  readonly key: Uint8Array;
}

/** What is known of a listing; final when it has ended. */
export interface Listing {
  rows: number;
  complete: boolean;
}

/**
 * Lists a source, page by page. An error of the listing is reported and ends it: what it has not named may
 * still be there, so `listing.complete` then says no.
 */
export async function* listRows(
  run: ReadingRun,
  source: PlannedSource,
  connection: unknown,
  listing: Listing,
): AsyncGenerator<readonly ListedRow[]> {
  const where = { flow: run.plan.flow, source: source.name };
  const incomplete = (error: SluiceError) => {
    listing.complete = false;
    run.tally.report({ kind: "source-incomplete", source: source.name, error: error.at(where) });
  };
  const options: ListOptions = {
    signal: run.signal,
    incomplete: (reason) => incomplete(toSluiceError(reason, "listing-incomplete")),
  };
  const keepOrder = source.definition.ordered ? orderKeeper(source) : inAnyOrder;
  try {
    for await (const page of source.definition.list(connection, options)) {
      run.signal.throwIfAborted();
      const rows = keepOrder(page, (entry) => listedRow(source, entry));
      listing.rows += rows.length;
      yield rows;
    }
  } catch (thrown) {
    if (run.signal.aborted) throw thrown;
    incomplete(toSluiceError(thrown, "listing-failed"));
  }
}

function listedRow(source: PlannedSource, entry: SourceEntry<unknown, unknown>): ListedRow {
  try {
    return { entry, key: source.keyCodec.encode(entry.key) };
  } catch (thrown) {
    const { message } = toSluiceError(thrown, "source-value-invalid");
    throw new SluiceError("source-value-invalid", `the source listed a key that does not fit: ${message}`, {
      cause: thrown,
    });
  }
}

type Page = readonly SourceEntry<unknown, unknown>[];
type RowOf = (entry: Page[number]) => ListedRow;

function inAnyOrder(page: Page, rowOf: RowOf): readonly ListedRow[] {
  return page.map(rowOf);
}

/** Holds an ordered source to its word, since the comparison with the store rests on it; drops what is listed twice. */
function orderKeeper(source: PlannedSource): (page: Page, rowOf: RowOf) => readonly ListedRow[] {
  let last: Uint8Array | null = null;
  return (page, rowOf) => {
    const rows: ListedRow[] = [];
    for (const entry of page) {
      const row = rowOf(entry);
      const order = last === null ? 1 : compareBytes(row.key, last);
      if (order < 0) {
        throw new SluiceError(
          "listing-failed",
          `source kind ${source.definition.kind} says that it lists in key order, and did not`,
          {
            hint: "Leave out `ordered: true`, or yield entries in ascending order of their keys.",
          },
        );
      }
      last = row.key;
      if (order > 0) rows.push(row);
    }
    return rows;
  };
}
