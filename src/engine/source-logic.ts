import type { TargetId } from "../contracts/state-store.ts";
import { hexToBytes } from "../kernel/bytes.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { outletLogic, type PlannedSource } from "../plan/index.ts";
import { type Fingerprint, fingerprint } from "../values/index.ts";
import type { Bindings } from "./bindings.ts";

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

export function sourceLogic(source: PlannedSource, bindings: Bindings): SourceLogic {
  const outlets = source.routes.map((route) => {
    const { id, schemaVersion } = bindings.targets[route.export]!;
    return {
      export: route.export,
      target: id,
      logic: outletLogic(route.logic, id, schemaVersion),
    };
  });
  const parts = outlets.map(({ target, logic }) => `${target}:${logic}`).sort();
  const whole = fingerprint(canonicalJson(parts));
  return { outlets, whole, wholeBytes: hexToBytes(whole) };
}
