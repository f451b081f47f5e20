import type { Report } from "../contracts/events.ts";
import type { TargetVerification } from "../contracts/verification.ts";
import { type SluiceError, toSluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { withRetry } from "./retry.ts";
import { lostFlow } from "./target-errors.ts";
import { ExpectedRows } from "./verify-expected.ts";
import { nameFindings } from "./verify-findings.ts";
import { recordedKeys } from "./verify-keys.ts";
import type { ReadBackRow } from "./verify-read-back.ts";
import { TargetReading } from "./verify-reading.ts";
import type { RecordReading } from "./verify-records.ts";

/** What verifying the targets of a flow needs. */
export interface Verifying extends RecordReading {
  readonly clock: Clock;
  readonly appDirectory: string;
  /** Of the lease under which it happens: nothing else writes meanwhile. */
  readonly leaseNumber: number;
  /** Whether the flow is still held: what was read while another may write says nothing. */
  holds(): boolean;
  readonly report: Report;
  /** How many rows of each kind are named. */
  readonly limit: number;
  /** A repair is to follow. */
  readonly repair: boolean;
}

/** A target that was verified, with what a repair must know. */
export interface VerifiedTarget {
  /** Index in `Plan.exports`. */
  readonly export: number;
  readonly verification: TargetVerification;
  /** Every row that should be there, and how it was found. */
  readonly rows: ExpectedRows;
  /** How many of them an update of just their rows puts right: all but those that wait for a whole one. */
  readonly repairable: number;
  /** Rows that should not be there; of very many, the first. */
  readonly extras: readonly ReadBackRow[];
}

/** How many extra rows are kept for a repair to delete; it goes on with more after these. */
const repairedExtras = 50_000;

/**
 * Compares what a target holds with what the store's records say it should. Keeps a digest of each row, whatever
 * the rows are made of.
 */
export async function verifyTarget(verifying: Verifying, exportIndex: number): Promise<VerifiedTarget> {
  const planned = verifying.plan.exports[exportIndex]!;
  const rows = await expectedRows(verifying, exportIndex);
  const reading = openReading(verifying, exportIndex, rows);
  const error = await readWithRetry(verifying, planned.name, reading);
  if (!verifying.holds()) throw lostFlow();
  const verification = error ? unread(error) : await verificationOf(verifying, exportIndex, reading);
  verifying.report({ kind: "target-verified", target: planned.name, verification });
  const kept = error
    ? { repairable: 0, extras: [] }
    : { repairable: rows.repairable(), extras: reading.extras };
  return { export: exportIndex, verification, rows, ...kept };
}

function openReading(verifying: Verifying, exportIndex: number, rows: ExpectedRows): TargetReading {
  const { plan, bindings, appDirectory, leaseNumber, signal, clock, report, limit, repair } = verifying;
  return new TargetReading({
    planned: plan.exports[exportIndex]!,
    schemaVersion: bindings.targets[exportIndex]!.schemaVersion,
    rows,
    limit,
    keptExtras: repair ? Math.max(limit, repairedExtras) : limit,
    context: { appDirectory, leaseNumber, signal },
    clock,
    report,
  });
}

async function expectedRows(verifying: Verifying, exportIndex: number): Promise<ExpectedRows> {
  const rows = new ExpectedRows();
  for await (const page of recordedKeys(verifying, exportIndex)) {
    for (const { key, expected } of page) rows.expect(key, expected);
  }
  return rows;
}

/** Resolves to why the target could not be read back to its end. */
async function readWithRetry(
  { clock, signal, report, plan }: Verifying,
  target: string,
  reading: TargetReading,
): Promise<SluiceError | null> {
  try {
    await withRetry(() => reading.readWhole(), { clock, signal, report, what: `reading back ${target}` });
    return null;
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    return toSluiceError(thrown, "read-back-failed").at({ flow: plan.flow, target });
  }
}

async function verificationOf(
  verifying: Verifying,
  exportIndex: number,
  reading: TargetReading,
): Promise<TargetVerification> {
  const counts = reading.rows.counts();
  const { limit } = verifying;
  const findings = await nameFindings({ verifying, export: exportIndex, reading, counts, limit });
  const { expected, missing, different, pending } = counts;
  const { found, extra } = reading;
  return { expected, found, missing, extra, different, pending, findings, error: null };
}

function unread(error: SluiceError): TargetVerification {
  return { expected: 0, found: 0, missing: 0, extra: 0, different: 0, pending: 0, findings: [], error };
}
