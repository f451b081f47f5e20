import {
  LogicHistory,
  type StoredRow,
  sourceLogic,
  type TraceChange,
  type TraceRecord,
} from "../../engine/index.ts";
import type { PlannedSource } from "../../plan/index.ts";
import type { ExplainedChange, RowExplanation, RowRun } from "./explanation.ts";
import type { FlowOnRecord } from "./flow-on-record.ts";
import { standing } from "./standing-failure.ts";

/** What is on record of a row, in the words of its flow; what it has in targets is left to others. */
export function explainRow(
  flow: FlowOnRecord,
  source: PlannedSource,
  stored: StoredRow,
): Pick<RowExplanation, "pending" | "lastRun" | "failure" | "stale"> {
  const { version, trace, failure } = stored;
  return {
    pending: version.pending,
    lastRun: trace && explainRun(flow, trace),
    failure: failure && standing(failure),
    stale: version.committed === null ? [] : explainChanges(flow, staleParts(flow, source, stored)),
  };
}

function explainRun(flow: FlowOnRecord, trace: TraceRecord): RowRun {
  const { at, reason, failures, reexport, fullReprocess } = trace;
  return {
    at,
    reason,
    changes: explainChanges(flow, trace.changes),
    failedBefore: failures,
    reexport,
    fullReprocess,
    functions: trace.functions.map(({ name, ...counts }) => ({ function: name, ...counts })),
    targets: trace.targets.map(({ target, ...counts }) => ({ target: flow.targetName(target), ...counts })),
  };
}

/** One for each part, with the exports that it concerns. */
function explainChanges(flow: FlowOnRecord, changes: readonly TraceChange[]): ExplainedChange[] {
  const byPart = new Map<string, { readonly change: TraceChange; readonly targets: Set<string> }>();
  for (const change of changes) {
    const key = `${change.part}:${change.name}`;
    const known = byPart.get(key) ?? { change, targets: new Set() };
    byPart.set(key, known);
    known.targets.add(flow.targetName(change.target));
  }
  return [...byPart.values()].map(({ change: { part, name }, targets }) => ({
    part,
    function: name === "" ? null : name,
    targets: [...targets],
  }));
}

/** What the row was made with, against the flow as it is defined now. */
function staleParts(
  { wanted }: FlowOnRecord,
  source: PlannedSource,
  { outputs }: StoredRow,
): readonly TraceChange[] {
  return new LogicHistory(wanted.logics, sourceLogic(source, wanted).outlets).changesSince(outputs);
}
