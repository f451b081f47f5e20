import type { CodeDigest } from "../contracts/code-digest.ts";
import type { Scope, TransformDefinition } from "../flow/index.ts";
import type { PlannedFunction } from "./plan.ts";
import { planFunctions } from "./plan-functions.ts";

/** A transform flow ready to run on its own. */
export interface PlannedTransform {
  readonly name: string;
  readonly functions: readonly PlannedFunction[];
  /** Its row is the inputs; the one thing that it names is the result. */
  readonly scope: Scope;
  readonly slots: number;
}

/**
 * Makes a transform flow ready to run on its own, with the results of functions filed as those of the flow of this
 * name are.
 *
 * @throws SluiceError `name-duplicate`, `function-source-missing`
 */
export function planTransform(
  { name, steps, slots, result }: TransformDefinition,
  flow: string,
  digest: CodeDigest,
): PlannedTransform {
  const named = { kind: "name", name: "result", value: result } as const;
  return {
    name,
    functions: planFunctions(flow, steps, digest).all,
    scope: { rowSlot: 0, steps: [...steps, named] },
    slots,
  };
}
