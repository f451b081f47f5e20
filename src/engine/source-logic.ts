import { hexToBytes } from "../kernel/bytes.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan, PlannedSource } from "../plan/index.ts";
import type { RecordedTarget, SetupRecord, TargetId } from "../setup/index.ts";
import { type Fingerprint, fingerprint } from "../values/index.ts";

/** One export that a source feeds, as it is set up now. */
export interface Outlet {
  /** Index in `Plan.exports`. */
  readonly export: number;
  readonly target: TargetId;
  /** The route's logic with the state of its target: what rows are compared with. */
  readonly logic: Fingerprint;
}

/** The logic of a source as a whole. */
export interface SourceLogic {
  readonly outlets: readonly Outlet[];
  /** Covers every outlet: rows that have it need no further look. */
  readonly whole: Fingerprint;
  readonly wholeBytes: Uint8Array;
}

export function sourceLogic(plan: Plan, source: PlannedSource, setup: SetupRecord): SourceLogic {
  const outlets = source.routes.map((route) => {
    const { id, schemaVersion } = targetOf(plan, route.export, setup);
    return {
      export: route.export,
      target: id,
      logic: fingerprint(canonicalJson([route.logic, id, schemaVersion])),
    };
  });
  const parts = outlets.map(({ target, logic }) => `${target}:${logic}`).sort();
  const whole = fingerprint(canonicalJson(parts));
  return { outlets, whole, wholeBytes: hexToBytes(whole) };
}

/** The backend that an export of the plan is set up as. */
export function targetOf(plan: Plan, exportIndex: number, setup: SetupRecord): RecordedTarget {
  const { definition, persistentKey } = plan.exports[exportIndex]!;
  const wanted = canonicalJson(persistentKey);
  return setup.targets.find(({ kind, key }) => kind === definition.kind && canonicalJson(key) === wanted)!;
}
