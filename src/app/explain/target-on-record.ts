import type { TargetId } from "../../contracts/state-store.ts";
import type { OwnedKey } from "../../engine/index.ts";
import type { PlannedExport } from "../../plan/index.ts";
import type { FlowOnRecord } from "./flow-on-record.ts";

/** An export with its target's number. */
export interface TargetOnRecord {
  readonly flow: FlowOnRecord;
  readonly planned: PlannedExport;
  readonly id: TargetId;
}

/** A target key with the rows that yield it. */
export interface FoundKey {
  readonly key: Uint8Array;
  readonly owned: OwnedKey;
}
