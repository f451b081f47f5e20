import type { RowReason } from "../contracts/events.ts";
import type { RowRecords } from "../contracts/state-store.ts";
import type { PlannedFunction } from "../plan/index.ts";
import { LogicHistory } from "./logic-history.ts";
import { decodeOutputRecord } from "./output-record.ts";
import type { RowCalls } from "./row-calls.ts";
import type { Run } from "./run.ts";
import type { SourceLogic } from "./source-logic.ts";
import { encodeTraceRecord, type FunctionTrace, type TargetTrace, type TraceChange } from "./trace-record.ts";
import type { VersionRecord } from "./version-record.ts";

/** One processing of a row. */
export interface RowToTrace {
  readonly reason: RowReason;
  readonly before: VersionRecord;
  /** What was stored of the row; null for one that is new. */
  readonly records: RowRecords | null;
  /** Null where nothing was evaluated. */
  readonly calls: RowCalls | null;
  readonly targets: readonly TargetTrace[];
}

/** Makes the traces of one source's rows. */
export class RowTracer {
  readonly #run: Run;
  readonly #whole: SourceLogic["whole"];
  readonly #history: LogicHistory;

  constructor(run: Run, logic: SourceLogic) {
    this.#run = run;
    this.#whole = logic.whole;
    this.#history = new LogicHistory(run.bindings.logics, logic.outlets);
  }

  trace({ reason, before, records, calls, targets }: RowToTrace): Uint8Array {
    const { clock, forcing, plan } = this.#run;
    return encodeTraceRecord({
      at: clock.now(),
      reason,
      reexport: forcing.reexport,
      fullReprocess: forcing.fullReprocess,
      failures: before.failures,
      changes: this.#changes(before, records),
      functions: calls === null ? [] : countsByName(calls, plan.functions),
      targets,
    });
  }

  #changes({ committed }: VersionRecord, records: RowRecords | null): readonly TraceChange[] {
    if (committed?.logic === this.#whole) return [];
    if (committed === null && !records?.outputs) return [];
    const made = records?.outputs ? decodeOutputRecord(records.outputs).targets : [];
    return this.#history.changesSince(made);
  }
}

/** The uses of one function count together; what was not called is left out. */
function countsByName({ asked, computed }: RowCalls, functions: readonly PlannedFunction[]): FunctionTrace[] {
  const counts: FunctionTrace[] = [];
  functions.forEach(({ name }, index) => {
    if (asked[index] === 0) return;
    const same = counts.findIndex((each) => each.name === name);
    const sum = {
      name,
      computed: computed[index]! + (counts[same]?.computed ?? 0),
      memoHits: asked[index]! - computed[index]! + (counts[same]?.memoHits ?? 0),
    };
    if (same < 0) counts.push(sum);
    else counts[same] = sum;
  });
  return counts;
}
