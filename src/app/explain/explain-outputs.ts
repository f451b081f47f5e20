import type { RowAddress } from "../../contracts/state-store.ts";
import {
  type Claim,
  type OutputEntry,
  type OwnedKey,
  readOwnedKeys,
  type StoredRow,
  stateOf,
  type TargetOutput,
} from "../../engine/index.ts";
import { equalBytes } from "../../kernel/bytes.ts";
import type { PlannedExport } from "../../plan/index.ts";
import { keyText } from "./encoded-keys.ts";
import type { ExplainedTargetRow, RowOutput } from "./explanation.ts";
import type { FlowOnRecord } from "./flow-on-record.ts";
import { standing } from "./standing-failure.ts";

/** What a row has, or may have, in the targets of the flow. */
export async function explainOutputs(
  flow: FlowOnRecord,
  row: RowAddress,
  { outputs }: StoredRow,
): Promise<RowOutput[]> {
  const explained: RowOutput[] = [];
  for (const [index, { id }] of flow.bindings.targets.entries()) {
    const output = outputs.find(({ target }) => target === id);
    if (output)
      explained.push(await explainOutput(flow, row, { planned: flow.plan.exports[index]!, output }));
  }
  return explained;
}

interface PlannedOutput {
  readonly planned: PlannedExport;
  readonly output: TargetOutput;
}

async function explainOutput(
  flow: FlowOnRecord,
  row: RowAddress,
  { planned, output: { target, entries } }: PlannedOutput,
): Promise<RowOutput> {
  // States that are not in the row's own record are kept by key, since other rows may yield it too.
  const shared = entries.filter(({ states }) => states.length === 0);
  const owned = await readOwnedKeys(
    { store: flow.store, flow: flow.id, order: flow.bindings.order },
    shared.map(({ key }) => ({ target, key })),
  );
  const known = new Map(shared.map((entry, at) => [entry, owned[at] ?? null]));
  const rows = entries.map((entry) => ({
    key: keyText(entry.key, planned),
    ...stateOfEntry(flow, row, { entry, owned: known.get(entry) ?? null }),
  }));
  return { target: planned.name, rows };
}

interface EntryOnRecord {
  readonly entry: OutputEntry;
  /** Null where no other row may yield the key. */
  readonly owned: OwnedKey | null;
}

function stateOfEntry(
  flow: FlowOnRecord,
  row: RowAddress,
  { entry, owned }: EntryOnRecord,
): Omit<ExplainedTargetRow, "key"> {
  if (owned === null) return { state: stateOf(entry.states), owner: null, failure: null };
  const [winner] = owned.claims;
  const isOthers = winner !== undefined && !isOf(winner, row);
  return {
    state: owned.state,
    owner: isOthers ? flow.rowName({ source: winner.source, key: winner.row }) : null,
    failure: owned.failure && standing(owned.failure),
  };
}

function isOf(claim: Claim, row: RowAddress): boolean {
  return claim.source === row.source && equalBytes(claim.row, row.key);
}
