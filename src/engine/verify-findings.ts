import type { FindingKind, RowFinding } from "../contracts/verification.ts";
import { bytesToMapKey, compareBytes } from "../kernel/bytes.ts";
import type { PlannedExport } from "../plan/index.ts";
import { compareText } from "../values/index.ts";
import type { ExpectedCounts } from "./verify-expected.ts";
import { type RecordedKey, recordedKeys } from "./verify-keys.ts";
import { givenKeyText } from "./verify-read-back.ts";
import type { TargetReading } from "./verify-reading.ts";
import type { RecordReading } from "./verify-records.ts";

export interface NamingOptions {
  readonly verifying: RecordReading;
  /** Index in `Plan.exports`. */
  readonly export: number;
  readonly reading: TargetReading;
  readonly counts: ExpectedCounts;
  /** How many rows of each kind are named. */
  readonly limit: number;
}

/** Rows that are not as they should be, so many of each kind, by key. */
export async function nameFindings(options: NamingOptions): Promise<RowFinding[]> {
  const recorded = await new RecordedFindings(options).find();
  const all = [...recorded, ...extraFindings(options)].sort(compareNamed);
  return all.map(({ finding }) => finding);
}

/** A finding with the encoded key that it is sorted by; null for a key that does not fit, which comes last. */
interface Named {
  readonly encoded: Uint8Array | null;
  readonly finding: RowFinding;
}

const order: readonly FindingKind[] = ["missing", "extra", "different", "pending"];

function compareNamed(a: Named, b: Named): number {
  const byKind = order.indexOf(a.finding.kind) - order.indexOf(b.finding.kind);
  if (byKind !== 0) return byKind;
  if (a.encoded && b.encoded) return compareBytes(a.encoded, b.encoded);
  return Number(a.encoded === null) - Number(b.encoded === null) || compareText(a.finding.key, b.finding.key);
}

function extraFindings({ verifying, export: index, reading, limit }: NamingOptions): Named[] {
  const planned = verifying.plan.exports[index]!;
  return reading.extras.slice(0, limit).map(({ given, key, misfit }) => ({
    encoded: key,
    finding: {
      kind: "extra",
      key: key ? targetKeyText(planned, key) : givenKeyText(given),
      from: null,
      reason: key ? null : `the key does not fit: ${misfit}`,
    },
  }));
}

function targetKeyText({ formatKey, keyCodec }: PlannedExport, key: Uint8Array): string {
  return formatKey(keyCodec.decode(key));
}

/** Looks up in the records what was found at the target: there are the keys of what is missing, and the sources. */
class RecordedFindings {
  readonly #options: NamingOptions;
  readonly #left: Record<"missing" | "different" | "pending", number>;
  readonly #findings = new Map<string, Named>();

  constructor(options: NamingOptions) {
    this.#options = options;
    const { counts, reading, limit } = options;
    this.#left = {
      missing: Math.min(limit, counts.missing),
      different: reading.differences.size,
      pending: Math.min(limit, counts.pending),
    };
  }

  async find(): Promise<Iterable<Named>> {
    if (this.#isDone()) return [];
    for await (const page of recordedKeys(this.#options.verifying, this.#options.export)) {
      for (const recorded of page) this.#look(recorded);
      if (this.#isDone()) break;
    }
    return this.#findings.values();
  }

  #isDone(): boolean {
    return Object.values(this.#left).every((left) => left === 0);
  }

  #look({ key, row, pending }: RecordedKey): void {
    const { verifying, export: index, reading } = this.#options;
    const kind = reading.rows.standing(key);
    if (kind === "right" || kind === "extra" || this.#left[kind] === 0) return;
    const mapKey = bytesToMapKey(key);
    if (this.#findings.has(mapKey)) return;
    const difference = reading.differences.get(mapKey);
    if (kind === "different" && difference === undefined) return;
    this.#left[kind]--;
    const text = targetKeyText(verifying.plan.exports[index]!, key);
    const reason = kind === "pending" ? pending : (difference ?? null);
    const from = row && { source: row.source.name, row: row.source.formatKey(row.key) };
    this.#findings.set(mapKey, { encoded: key, finding: { kind, key: text, from, reason } });
  }
}
