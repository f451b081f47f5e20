import { canonicalJson } from "../kernel/canonical-json.ts";
import { type KnownLogic, outletLogic, type Plan } from "../plan/index.ts";
import type { RecordedTarget } from "./setup-record.ts";

/** How many logics are kept that the plan has no more: rows that failed ever since may still be of them. */
const keptFormer = 64;

/** The logics to keep on record: the latest of those that were, then those of the plan. Unchanged where the plan is. */
export function logicsToKeep(
  plan: Plan,
  targets: readonly RecordedTarget[],
  recorded: readonly KnownLogic[],
): KnownLogic[] {
  const present = presentLogics(plan, targets);
  const former = recorded.filter(({ logic }) => !present.has(logic));
  return [...former.slice(-keptFormer), ...present.values()];
}

/** Each once: two sources that feed an export alike have one logic. */
function presentLogics(plan: Plan, targets: readonly RecordedTarget[]): Map<string, KnownLogic> {
  const byBackend = new Map(targets.map((target) => [canonicalJson([target.kind, target.key]), target]));
  const present = new Map<string, KnownLogic>();
  for (const { routes } of plan.sources) {
    for (const route of routes) {
      const { name, definition, persistentKey } = plan.exports[route.export]!;
      const { id, schemaVersion } = byBackend.get(canonicalJson([definition.kind, persistentKey]))!;
      const logic = outletLogic(route.logic, id, schemaVersion);
      present.set(logic, { logic, export: name, target: id, schemaVersion, parts: route.parts });
    }
  }
  return present;
}
