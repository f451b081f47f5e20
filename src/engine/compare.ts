import type { SourceId } from "../contracts/state-store.ts";
import { isPromise } from "../kernel/maybe-promise.ts";
import { fingerprintBytes } from "../values/index.ts";
import { KeySet } from "./key-set.ts";
import type { ListedRow } from "./list.ts";
import type { Run } from "./run.ts";
import { ScanCursor } from "./scan-cursor.ts";
import { isSettled } from "./version-record.ts";

/** What comparing a listing with the store finds. */
export interface Findings {
  /** A listed row that is settled. */
  unchanged(): void;
  /** A listed row that must be looked at; `stored` is its version record, null for a row that is not stored. */
  changed(row: ListedRow, stored: Uint8Array | null): undefined | Promise<void>;
  /** A stored row that the listing has not named. */
  gone(key: Uint8Array, stored: Uint8Array): void;
}

export interface Comparison {
  readonly run: Run;
  readonly source: SourceId;
  readonly pages: AsyncIterable<readonly ListedRow[]>;
  /** The logic that a settled row must have. */
  readonly logic: Uint8Array;
  /** Look at every row. */
  readonly all: boolean;
  readonly findings: Findings;
}

/** Compares a listing in key order with the store in one walk through both: no memory a row. */
export async function compareOrdered({
  run,
  source,
  pages,
  logic,
  all,
  findings,
}: Comparison): Promise<void> {
  const cursor = new ScanCursor(run.store.scan(run.flow, source));
  try {
    let stored = await cursor.advance();
    for await (const page of pages) {
      for (const row of page) {
        while (stored && cursor.compareKey(row.key) < 0) {
          findings.gone(cursor.copyKey(), cursor.copyRecord());
          const next = cursor.advance();
          stored = isPromise(next) ? await next : next;
        }
        const known = stored && cursor.compareKey(row.key) === 0;
        if (known && !all && isSettledAt(cursor, row, logic)) {
          findings.unchanged();
        } else {
          const waiting = findings.changed(row, known ? cursor.copyRecord() : null);
          if (waiting) await waiting;
        }
        if (known) {
          const next = cursor.advance();
          stored = isPromise(next) ? await next : next;
        }
      }
      run.tally.progress();
      run.activity.note();
    }
    while (stored) {
      findings.gone(cursor.copyKey(), cursor.copyRecord());
      stored = await cursor.advance();
    }
  } finally {
    cursor.close();
  }
}

/** Compares a listing in any order: looks its rows up, and remembers 24 bytes of each to know what it has not named. */
export async function compareUnordered({
  run,
  source,
  pages,
  logic,
  all,
  findings,
}: Comparison): Promise<void> {
  const seen = new KeySet(fingerprintBytes);
  for await (const page of pages) {
    const fresh = page.filter(({ key }) => seen.add(key));
    const versions = await run.store.readVersions(
      run.flow,
      fresh.map(({ key }) => ({ source, key })),
    );
    for (const [i, row] of fresh.entries()) {
      const stored = versions[i]!;
      if (stored !== null && !all && isSettled(stored, 0, stored.length, logic, row.entry))
        findings.unchanged();
      else await findings.changed(row, stored);
    }
    run.tally.progress();
    run.activity.note();
  }
  await findUnseen(run, source, seen, findings);
}

async function findUnseen(run: Run, source: SourceId, seen: KeySet, findings: Findings): Promise<void> {
  const cursor = new ScanCursor(run.store.scan(run.flow, source));
  try {
    while (await cursor.advance()) {
      const key = cursor.copyKey();
      if (!seen.has(key)) findings.gone(key, cursor.copyRecord());
    }
  } finally {
    cursor.close();
  }
}

function isSettledAt(cursor: ScanCursor, { entry }: ListedRow, logic: Uint8Array): boolean {
  return isSettled(cursor.bytes, cursor.keyEnd, cursor.recordEnd, logic, entry);
}
