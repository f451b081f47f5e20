import type { Expression, FlowDefinition, GeneratedUuid, Scope, SourceStep, Step } from "../flow/index.ts";
import type { Program } from "./plan.ts";

/** The whole of a source's steps, routed to every export. */
export function wholeProgram(flow: FlowDefinition, source: SourceStep): Program {
  return { scope: source.scope, exportsOf: exportsByCollector(flow, () => true) };
}

/** Only the steps that feed these exports. */
export function programFor(flow: FlowDefinition, source: SourceStep, wanted: ReadonlySet<number>): Program {
  const exportsOf = exportsByCollector(flow, (index) => wanted.has(index));
  const needed = new Set<number>();
  const keepsCollect = (collector: number) => exportsOf[collector]!.length > 0;
  return { scope: keepNeeded(source.scope, keepsCollect, needed), exportsOf };
}

function exportsByCollector(flow: FlowDefinition, wanted: (exportIndex: number) => boolean): number[][] {
  const lists: number[][] = flow.collectors.map(() => []);
  flow.exports.forEach((step, index) => {
    if (wanted(index)) lists[step.collector]!.push(index);
  });
  return lists;
}

/** Walks backwards, so that what a later step needs is known before the step that makes it. */
function keepNeeded(scope: Scope, keepsCollect: (collector: number) => boolean, needed: Set<number>): Scope {
  const kept: Step[] = [];
  for (let i = scope.steps.length - 1; i >= 0; i--) {
    const step = keepStep(scope.steps[i]!, keepsCollect, needed);
    if (step !== null) kept.push(step);
  }
  return { rowSlot: scope.rowSlot, steps: kept.reverse() };
}

function keepStep(
  step: Step,
  keepsCollect: (collector: number) => boolean,
  needed: Set<number>,
): Step | null {
  switch (step.kind) {
    case "name":
      return null;
    case "collect":
      if (!keepsCollect(step.collector)) return null;
      for (const field of step.fields) need(field.value, needed);
      return step;
    case "call":
      if (!needed.has(step.slot)) return null;
      for (const argument of step.arguments) need(argument.value, needed);
      return step;
    case "each": {
      const scope = keepNeeded(step.scope, keepsCollect, needed);
      if (scope.steps.length === 0) return null;
      need(step.table, needed);
      return { ...step, scope };
    }
  }
}

function need(expression: Expression | GeneratedUuid, needed: Set<number>): void {
  if (expression.kind === "slot") needed.add(expression.slot);
}

/** True where some step feeds an export. */
export function hasSteps(program: Program): boolean {
  return program.scope.steps.length > 0;
}
