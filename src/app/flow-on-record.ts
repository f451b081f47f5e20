import { registeredTarget } from "../contracts/connector-registry.ts";
import type { FlowId, StateStore, TargetId } from "../contracts/state-store.ts";
import type { Bindings } from "../engine/index.ts";
import type { Plan } from "../plan/index.ts";
import { planSetup, type SetupRecord } from "../setup/index.ts";
import { bindingsOf } from "./bindings.ts";

/** A flow as it is defined, with what its store has of it: enough to read its rows in its words. */
export interface FlowOnRecord {
  readonly plan: Plan;
  readonly id: FlowId;
  readonly store: StateStore;
  /** As they are, or would be once the flow is set up. */
  readonly bindings: Bindings;
  /** The name of a target's export, the last that it had for one that is no more. */
  targetName(target: TargetId): string;
}

export function flowOnRecord(plan: Plan, id: FlowId, store: StateStore, record: SetupRecord): FlowOnRecord {
  const { done } = planSetup(plan, record, registeredTarget);
  const names = new Map<TargetId, string>();
  for (const { target, export: name } of done.logics ?? []) names.set(target, name);
  for (const target of [...record.targets, ...done.targets]) names.set(target.id, target.name);
  return {
    plan,
    id,
    store,
    bindings: bindingsOf(plan, done),
    targetName: (target) => names.get(target) ?? `target ${target}`,
  };
}
