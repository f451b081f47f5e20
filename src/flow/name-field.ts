import { checkName } from "../contracts/name.ts";
import {
  checkOpen,
  checkVisible,
  definitionError,
  type FlowDraft,
  type ScopeDraft,
  withPlace,
} from "./flow-draft.ts";
import { handleOf } from "./slice-node.ts";

/** Names a derived field of a scope's rows; yields the slice as it was given. */
export function nameField(flow: FlowDraft, scope: ScopeDraft, name: unknown, slice: unknown): unknown {
  checkOpen(flow, `set(${JSON.stringify(name)}) was called`);
  const source = scope.source.name;
  withPlace(flow, { source }, () => checkName("a derived field", name));
  const step = name as string;
  if (scope.names.has(step) || scope.rowFields.some((field) => field.name === step)) {
    throw definitionError(flow, "name-duplicate", `the rows of ${scope.label} have a field ${step} already`, {
      source,
      step,
      hint: "Give the derived field another name.",
    });
  }
  const handle = handleOf(slice);
  if (handle?.kind !== "slice") {
    throw definitionError(flow, "argument-invalid", `set("${step}") was given no slice`, {
      source,
      step,
      hint: "It names the result of a transform, or a field.",
    });
  }
  checkVisible(flow, handle.node);
  checkScope(flow, scope, step);
  checkDepth(flow, scope, handle.node.scope, step);
  scope.names.add(step);
  scope.steps.push({ kind: "name", name: step, value: handle.node.expression });
  return slice;
}

function checkScope(flow: FlowDraft, scope: ScopeDraft, step: string): void {
  if (flow.running.includes(scope)) return;
  const message = `set("${step}") was called on a row of ${scope.label} outside its forEachRow`;
  throw definitionError(flow, "scope-invalid", message, { source: scope.source.name, step });
}

function checkDepth(flow: FlowDraft, scope: ScopeDraft, inner: ScopeDraft, step: string): void {
  if (flow.running.indexOf(inner) <= flow.running.indexOf(scope)) return;
  const message = `set("${step}") on a row of ${scope.label} was given a slice of the rows of ${inner.label}`;
  throw definitionError(flow, "scope-invalid", message, {
    source: scope.source.name,
    step,
    hint: `There are many of those to one row of ${scope.label}: call set on their own row.`,
  });
}
