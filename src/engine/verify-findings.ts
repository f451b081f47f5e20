import type { FindingKind, RowFinding } from "../contracts/verification.ts";
import { bytesToMapKey } from "../kernel/bytes.ts";
import type { PlannedExport } from "../plan/index.ts";
import { compareText } from "../values/index.ts";
import type { OutputEntry } from "./output-record.ts";
import type { ExpectedCounts } from "./verify-expected.ts";
import { expectationOf } from "./verify-expectation.ts";
import { givenKeyText } from "./verify-read-back.ts";
import type { TargetReading } from "./verify-reading.ts";
import { type RecordedRow, type RecordReading, recordedRows } from "./verify-records.ts";

export interface NamingOptions {
  readonly verifying: RecordReading;
  /** Index in `Plan.exports`. */
  readonly export: number;
  readonly reading: TargetReading;
  readonly counts: ExpectedCounts;
  /** How many rows of each kind are named. */
  readonly limit: number;
}

/** The first rows of each kind that are not as they should be, by key. */
export async function nameFindings(options: NamingOptions): Promise<RowFinding[]> {
  const recorded = await new RecordedFindings(options).find();
  const all = [...recorded, ...extraFindings(options)];
  return all.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || compareText(a.key, b.key));
}

const order: readonly FindingKind[] = ["missing", "extra", "different", "pending"];

function extraFindings({ verifying, export: index, reading, limit }: NamingOptions): RowFinding[] {
  const planned = verifying.plan.exports[index]!;
  return reading.extras.slice(0, limit).map(({ given, key, misfit }) => ({
    kind: "extra",
    key: key ? targetKeyText(planned, key) : givenKeyText(given),
    from: null,
    reason: key ? null : `the key does not fit: ${misfit}`,
  }));
}

function targetKeyText({ formatKey, keyCodec }: PlannedExport, key: Uint8Array): string {
  return formatKey(keyCodec.decode(key));
}

/** Looks rows up in the records by how they were found at the target: there their keys and their sources are. */
class RecordedFindings {
  readonly #options: NamingOptions;
  readonly #left: Record<"missing" | "different" | "pending", number>;
  readonly #findings: RowFinding[] = [];

  constructor(options: NamingOptions) {
    this.#options = options;
    const { counts, reading, limit } = options;
    this.#left = {
      missing: Math.min(limit, counts.missing),
      different: reading.differences.size,
      pending: Math.min(limit, counts.pending),
    };
  }

  async find(): Promise<readonly RowFinding[]> {
    if (this.#isDone()) return this.#findings;
    for await (const page of recordedRows(this.#options.verifying, this.#options.export)) {
      for (const row of page) for (const entry of row.output.entries) this.#look(row, entry);
      if (this.#isDone()) break;
    }
    return this.#findings;
  }

  #isDone(): boolean {
    return Object.values(this.#left).every((left) => left === 0);
  }

  #look(row: RecordedRow, entry: OutputEntry): void {
    const { verifying, export: index, reading } = this.#options;
    const standing = reading.rows.standing(entry.key);
    if (standing === "right" || standing === "extra" || this.#left[standing] === 0) return;
    const mapKey = bytesToMapKey(entry.key);
    if (standing === "different" && !reading.differences.has(mapKey)) return;
    this.#left[standing]--;
    this.#findings.push({
      kind: standing,
      key: targetKeyText(verifying.plan.exports[index]!, entry.key),
      from: { source: row.source.name, row: row.source.formatKey(row.key) },
      reason:
        standing === "pending"
          ? (expectationOf(row, entry)?.pending ?? null)
          : standing === "different"
            ? (reading.differences.get(mapKey) ?? null)
            : null,
    });
  }
}
