import type { FlowId, SourceId, StateStore, TargetId } from "../contracts/state-store.ts";
import { countTargetRows } from "../engine/index.ts";
import { isSluiceError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan } from "../plan/index.ts";
import type { SetupAction, SetupPlan, SetupRecord, SetupVerb, SourceChange } from "../setup/index.ts";

/** What the rows of a setup plan are counted in. */
export interface CountIn {
  readonly store: StateStore | null;
  readonly flow: FlowId;
  readonly record: SetupRecord;
  /** Null where the flow is not defined in this process. */
  readonly plan: Plan | null;
}

/** The plan with the number of rows that each action and each change of a source touches. Reads the store only. */
export async function countPlanRows(setup: SetupPlan, from: CountIn): Promise<SetupPlan> {
  const { sourceChanges } = await countSourceChanges(setup, from);
  const held = new Map(from.record.targets.map(({ kind, key, id }) => [canonicalJson([kind, key]), id]));
  const idOf = ({ targetKind, key }: SetupAction) => held.get(canonicalJson([targetKind, key])) ?? null;
  const touched = setup.actions.filter(touchesRows).map(idOf);
  const rows = await rowsOf(
    touched.filter((id): id is TargetId => id !== null),
    from,
  );
  const actions: SetupAction[] = [];
  for (const action of setup.actions) {
    const sourceRows = await countSourceRows(action, setup, from);
    actions.push({ ...action, sourceRows, rows: rowsTouched(action, rows, idOf(action)) });
  }
  return { ...setup, actions, sourceChanges };
}

/** The plan with only the changes of its sources counted, which costs next to nothing. */
export async function countSourceChanges(
  setup: SetupPlan,
  { store, flow }: Pick<CountIn, "store" | "flow">,
): Promise<SetupPlan> {
  const sourceChanges: SourceChange[] = [];
  for (const change of setup.sourceChanges) {
    sourceChanges.push({ ...change, rows: store ? await store.countRows(flow, change.id) : 0 });
  }
  return { ...setup, sourceChanges };
}

const losing: ReadonlySet<SetupVerb> = new Set(["rebuild", "drop", "forget"]);
const filling: ReadonlySet<SetupVerb> = new Set(["create", "adopt", "rebuild"]);

/** Whether anything is done to rows that are there. */
function touchesRows({ verb, rewrites }: SetupAction): boolean {
  return losing.has(verb) || (rewrites && verb !== "adopt");
}

function rowsTouched(
  action: SetupAction,
  counted: ReadonlyMap<TargetId, number> | null,
  id: TargetId | null,
): number | null {
  if (action.verb === "adopt") return action.rows;
  if (!touchesRows(action) || id === null) return 0;
  return counted?.get(id) ?? null;
}

/** Null where a record is damaged: that must not stand in the way of a drop. */
async function rowsOf(
  targets: readonly TargetId[],
  { store, flow, record }: CountIn,
): Promise<ReadonlyMap<TargetId, number> | null> {
  if (targets.length === 0 || store === null) return new Map();
  try {
    return await countTargetRows({ store, flow, sources: record.sources.map(({ id }) => id), targets });
  } catch (thrown) {
    if (isSluiceError(thrown) && thrown.code === "store-damaged") return null;
    throw thrown;
  }
}

/** Rows of sources that the next update processes for a backend. */
async function countSourceRows(
  { verb, name, rewrites }: SetupAction,
  { staged }: SetupPlan,
  { store, flow, plan }: CountIn,
): Promise<number> {
  if (!(filling.has(verb) || rewrites) || !plan || !store) return 0;
  const exportIndex = plan.exports.findIndex((planned) => planned.name === name);
  const ids = new Map<string, SourceId>(
    staged.sources.filter(({ gone }) => !gone).map((source) => [source.name, source.id]),
  );
  let rows = 0;
  for (const { name: source, routes } of plan.sources) {
    if (!routes.some((route) => route.export === exportIndex)) continue;
    rows += await store.countRows(flow, ids.get(source)!);
  }
  return rows;
}
