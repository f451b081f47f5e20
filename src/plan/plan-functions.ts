import type { CodeDigest } from "../contracts/code-digest.ts";
import type { AnyFunctionUse } from "../contracts/function.ts";
import { SluiceError } from "../errors/index.ts";
import type { CallStep, Scope } from "../flow/index.ts";
import type { PlannedFunction } from "./plan.ts";
import { planFunction } from "./plan-function.ts";

export interface Functions {
  readonly all: PlannedFunction[];
  of(step: CallStep): PlannedFunction;
}

/** Makes the functions of these calls ready, each use once. Their results are filed under the flow of this name. */
export function planFunctions(flow: string, calls: readonly CallStep[], digest: CodeDigest): Functions {
  const byUse = new Map<AnyFunctionUse, PlannedFunction>();
  for (const { use } of calls) {
    if (!byUse.has(use)) byUse.set(use, planFunction(flow, use, digest));
  }
  const all = [...byUse.values()];
  refuseTwoOfOneName(flow, all);
  return { all, of: (step) => byUse.get(step.use)! };
}

export function callsOf(scope: Scope): CallStep[] {
  return scope.steps.flatMap((step) =>
    step.kind === "call" ? [step] : step.kind === "each" ? callsOf(step.scope) : [],
  );
}

function refuseTwoOfOneName(flow: string, functions: readonly PlannedFunction[]): void {
  const definitions = new Map<string, unknown>();
  for (const { name, use } of functions) {
    const other = definitions.get(name);
    if (other !== undefined && other !== use.definition) {
      throw new SluiceError("name-duplicate", `two functions are named ${name}`, {
        where: { flow, step: name },
        hint: "Give each function of a flow a name of its own: its stored results are filed under it.",
      });
    }
    definitions.set(name, use.definition);
  }
}
