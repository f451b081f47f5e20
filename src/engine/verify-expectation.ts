import type { Fingerprint } from "../values/index.ts";
import { absent, type OutputEntry } from "./output-record.ts";
import type { RecordedRow } from "./verify-records.ts";

/** What the store says of one target row. */
export interface Expectation {
  /** The fingerprint of its value; null where the store itself does not know. */
  readonly value: Fingerprint | null;
  /** Why the store does not know. */
  readonly pending: string | null;
}

/** What should be at the target for an entry of a row's output record; null where nothing should. */
export function expectationOf({ source, output }: RecordedRow, { states }: OutputEntry): Expectation | null {
  const [state] = states;
  if (states.length !== 1) return pending("its last write failed or was interrupted");
  if (state === undefined || state === absent) return null;
  if (source.logic === null) return pending("its source no longer feeds the export");
  if (source.logic !== output.logic) return pending("the flow has changed since it was written");
  return { value: state, pending: null };
}

function pending(why: string): Expectation {
  return { value: null, pending: why };
}
