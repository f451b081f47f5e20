import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "../contracts/events.ts";
import type { StateStore } from "../contracts/state-store.ts";
import { type EvaluatedRow, evaluateRows } from "../engine/index.ts";
import { formatPlace, type SluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Plan } from "../plan/index.ts";
import { callPolicies } from "./call-policies.ts";

export interface EvaluateWork {
  readonly plan: Plan;
  readonly appDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Read for remembered results, never written; null: everything is computed. */
  readonly store: StateStore | null;
  /** Where the files go; made where it is not there. */
  readonly outputDir: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What an evaluation did. */
export interface EvaluateInfo {
  /** Files written: one for each row. */
  readonly rows: number;
  /** How many of them hold an error in place of what the row yields. */
  readonly failed: number;
  /** Sources that could not be listed wholly, and why. */
  readonly incomplete: readonly { readonly source: string; readonly error: SluiceError }[];
  readonly outputDir: string;
  /** No row failed and every listing was complete. */
  readonly ok: boolean;
}

/** Writes one YAML file for each source row: its key, its named fields, what it yields to each export, or its error. */
export async function evaluateToFiles(work: EvaluateWork): Promise<EvaluateInfo> {
  const { plan, appDirectory, clock, random, store, outputDir, signal } = work;
  const policies = callPolicies(clock);
  const incomplete: { source: string; error: SluiceError }[] = [];
  const report: Report = (event) => {
    if (event.kind === "source-incomplete") incomplete.push({ source: event.source, error: event.error });
    work.report(event);
  };
  // Loaded here, since no other verb writes YAML.
  const { stringify } = await import("yaml");
  await mkdir(outputDir, { recursive: true });
  let rows = 0;
  let failed = 0;
  const options = { plan, store, policies, clock, random, appDirectory, report, signal };
  for await (const row of evaluateRows(options)) {
    await writeFile(join(outputDir, fileName(row)), stringify(document(row), { lineWidth: 0 }));
    rows++;
    if (row.error) failed++;
  }
  return { rows, failed, incomplete, outputDir, ok: failed === 0 && incomplete.length === 0 };
}

function document({ source, key, fields, exports, error }: EvaluatedRow): Record<string, unknown> {
  if (error === null) return { source, key, fields, exports };
  const { code, message, where } = error;
  return { source, key, error: { code, message, place: formatPlace(where) } };
}

/** Names that file systems take, one for each row: what had to be replaced is told apart by a digest. */
function fileName({ source, row, key }: EvaluatedRow): string {
  const plain = `${source}@${row}`;
  const safe = plain.replaceAll(/[^\p{L}\p{N}@._ -]/gu, "_").slice(0, 120);
  if (safe === plain) return `${safe}.yaml`;
  const digest = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 8);
  return `${safe}~${digest}.yaml`;
}
