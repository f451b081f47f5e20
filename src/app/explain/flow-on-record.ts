import { registeredSourceSetup, registeredTarget } from "../../contracts/connector-registry.ts";
import type { FlowId, RowAddress, StateStore, TargetId } from "../../contracts/state-store.ts";
import type { Bindings } from "../../engine/index.ts";
import { SluiceError } from "../../errors/index.ts";
import { bytesToHex } from "../../kernel/bytes.ts";
import type { Plan } from "../../plan/index.ts";
import { planSetup, type SetupRecord } from "../../setup/index.ts";
import { bindingsOf } from "../bindings.ts";
import { keysOfSource, keyText } from "./encoded-keys.ts";
import type { RowName } from "./explanation.ts";

/** A flow as it is defined, with what its store has of it: enough to read its rows in its words. */
export interface FlowOnRecord {
  readonly plan: Plan;
  readonly id: FlowId;
  readonly store: StateStore;
  /** What rows are filed under now. */
  readonly bindings: Bindings;
  /** The same once the flow is set up as it is defined: what rows are compared with then. */
  readonly wanted: Bindings;
  /** The name of a target's export, the last that it had for one that is no more. */
  targetName(target: TargetId): string;
  /** A row as people know it. */
  rowName(row: RowAddress): RowName;
}

export interface RecordsOfFlow {
  readonly plan: Plan;
  readonly id: FlowId;
  readonly record: SetupRecord;
  /** Null where there is none yet. */
  readonly store: StateStore | null;
}

/** @throws SluiceError `row-missing` where there is no store yet */
export function flowOnRecord({ plan, id, record, store }: RecordsOfFlow): FlowOnRecord {
  if (store === null) throw nothingOnRecord(plan.flow);
  const { done } = planSetup({
    plan,
    recorded: record,
    found: null,
    findConnector: registeredTarget,
    findSourceSetup: registeredSourceSetup,
    forget: false,
  });
  const targets = new Map<TargetId, string>();
  for (const { target, export: name } of done.logics) targets.set(target, name);
  for (const target of [...record.targets, ...done.targets]) targets.set(target.id, target.name);
  const sources = new Map(done.sources.map((source) => [source.id, source.name]));
  return {
    plan,
    id,
    store,
    // Of a backend that setup is to make anew, rows still have what they have in the old one.
    bindings: bindingsOf(plan, { ...done, targets: [...done.targets, ...record.targets] }),
    wanted: bindingsOf(plan, done),
    targetName: (target) => targets.get(target) ?? `target ${target}`,
    rowName({ source, key }) {
      const name = sources.get(source) ?? `source ${source}`;
      const planned = plan.sources.find((candidate) => candidate.name === name);
      return { source: name, row: planned ? keyText(key, keysOfSource(planned)) : bytesToHex(key) };
    },
  };
}

function nothingOnRecord(flow: string): SluiceError {
  return new SluiceError("row-missing", `nothing is on record of flow ${flow}: there is no store yet`, {
    where: { flow },
    hint: "Run an update first.",
  });
}
