import type { FlowId, StateStore } from "../contracts/state-store.ts";
import { type KeptFailure, keptFailures } from "../engine/index.ts";
import type { ErrorCode } from "../errors/index.ts";
import { decodeSetupRecord, type SetupRecord } from "../setup/index.ts";

/** What failed and is kept, until an update in which it succeeds, or in which there is no need of it any more. */
export type StoredFailure = StoredRowFailure | StoredTargetRowFailure;

/** A row of a source that failed. What it yielded before stays in the targets. */
export interface StoredRowFailure extends FailureFacts {
  readonly kind: "row";
  readonly source: string;
  /** The row's key as text for people. */
  readonly row: string;
  /** The function or field that failed; null where it was none. */
  readonly step: string | null;
  /** The row is gone, and what failed was to take away what it had yielded. */
  readonly removal: boolean;
}

/** A target row that should be gone and could not be deleted, or that more rows yield than may. */
export interface StoredTargetRowFailure extends FailureFacts {
  readonly kind: "target-row";
  readonly target: string;
  /** The target row's key as text for people. */
  readonly key: string;
}

interface FailureFacts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  /** How often it failed in a row. */
  readonly attempts: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** When a live update tries it again. Any other update tries every failure again, whenever it runs. */
  readonly nextAt: Date;
}

/** The failures that a store keeps of a flow; none where it knows no such flow. */
export async function* storedFailures(store: StateStore, flow: FlowId): AsyncGenerator<StoredFailure> {
  const stored = await store.readSetup(flow);
  if (stored === null) return;
  const record = decodeSetupRecord(stored.record);
  const sources = record.sources.map(({ id }) => id);
  const targets = record.targets.flatMap(({ id, ownerIndex }) =>
    ownerIndex.kind === "needless" ? [] : [id],
  );
  for await (const kept of keptFailures({ store, flow, sources, targets })) yield described(kept, record);
}

function described(kept: KeptFailure, { sources, targets }: SetupRecord): StoredFailure {
  const { code, message, hint, attempts, removal, where, ...times } = kept.record;
  const facts: FailureFacts = {
    code,
    message,
    hint,
    attempts,
    firstAt: new Date(times.firstAt),
    lastAt: new Date(times.lastAt),
    nextAt: new Date(times.nextAt),
  };
  if (kept.kind === "target-row") {
    const { name } = targets.find(({ id }) => id === kept.target)!;
    return { kind: "target-row", target: name, key: where.key ?? "", ...facts };
  }
  const { name } = sources.find(({ id }) => id === kept.source)!;
  return { kind: "row", source: name, row: where.row ?? "", step: where.step ?? null, removal, ...facts };
}
