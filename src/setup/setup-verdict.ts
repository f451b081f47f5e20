import type { Json, SetupVerdict } from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { PlannedExport } from "../plan/index.ts";
import { unwrapState } from "./recorded-state.ts";

/** What bringing an export's backend from these states, one of which it is in, to the wanted one means for its data. */
export function setupVerdict(planned: PlannedExport, states: readonly Json[]): SetupVerdict {
  return worstOf(states.map((state) => verdictOf(planned, state)));
}

/**
 * Whether rows must be written again when the backend is brought from these states to the wanted one. Also where the
 * data stays valid, if rows may have had other fields: a column that went and came back is empty, and the rows that it
 * was filled from need not have changed since.
 */
export function losesValues(planned: PlannedExport, states: readonly Json[], verdict: SetupVerdict): boolean {
  if (verdict !== "compatible") return verdict === "lossy";
  const { schema } = unwrapState(planned.wantedState);
  return states.some((state) => state !== null && unwrapState(state).schema !== schema);
}

function verdictOf(planned: PlannedExport, previous: Json): SetupVerdict {
  if (previous === null) return "compatible";
  const [before, wanted] = [unwrapState(previous), unwrapState(planned.wantedState)];
  // Rows that were written under another primary key cannot be addressed any more.
  if (canonicalJson(before.key) !== canonicalJson(wanted.key)) return "destructive";
  const verdict = planned.definition.compare(before.state, wanted.state);
  return before.version === wanted.version ? verdict : worstOf([verdict, "lossy"]);
}

const severity: readonly SetupVerdict[] = ["unchanged", "compatible", "lossy", "destructive"];

function worstOf(verdicts: readonly SetupVerdict[]): SetupVerdict {
  return severity[Math.max(0, ...verdicts.map((verdict) => severity.indexOf(verdict)))]!;
}
