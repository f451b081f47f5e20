import type { ModelState } from "../model/model-state.ts";
import type { Backends } from "../world/backends.ts";
import { type Problem, type ProblemKind, problem } from "./problem.ts";

/** Keys that are not looked at, by backend. */
export type ExceptKeys = ReadonlyMap<string, ReadonlySet<string>>;

export interface TargetCheck {
  readonly kind?: ProblemKind;
  readonly except?: ExceptKeys;
}

/** Every backend is there, no other is, and each holds what the first to claim each key yields. */
export function checkTargets(
  model: ModelState,
  { all }: Backends,
  { kind = "target", except = new Map() }: TargetCheck = {},
): Problem | null {
  for (const name of all.keys())
    if (!model.backends.has(name)) return problem(kind, `${name} is still there`);
  for (const [name, { claims, shape }] of model.backends) {
    const backend = all.get(name);
    if (!backend) return problem(kind, `${name} is not there`);
    const { edition, format, label } = shape.target;
    const { state } = backend;
    if (state.edition !== edition || state.format !== format || state.label !== label)
      return problem(kind, `${name} is set up as ${JSON.stringify(state)}`);
    const wanted = new Map([...claims].map(([key, [first]]) => [key, first!.value]));
    const difference = differenceOf(wanted, backend.rows, except.get(name) ?? new Set());
    if (difference !== null) return problem(kind, `${name} ${difference}`);
  }
  return null;
}

function differenceOf(
  wanted: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, string>,
  except: ReadonlySet<string>,
): string | null {
  for (const [key, value] of wanted) {
    if (except.has(key)) continue;
    if (!there.has(key)) return `lacks ${key}, which should be ${value}`;
    if (there.get(key) !== value) return `has ${there.get(key)} at ${key}, which should be ${value}`;
  }
  for (const [key, value] of there)
    if (!wanted.has(key) && !except.has(key)) return `has ${value} at ${key}, which should be gone`;
  return null;
}
