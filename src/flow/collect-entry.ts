import { listed } from "./closest-name.ts";
import {
  type CollectorDraft,
  checkOpen,
  checkVisible,
  definitionError,
  type EntryDraft,
  type FlowDraft,
} from "./flow-draft.ts";
import { isGeneratedUuid } from "./generated-uuid.ts";
import { type FieldEntry, settleField } from "./settle-field.ts";
import { containsHandle, handleOf } from "./slice-node.ts";

/** Adds an entry to a collector for each row of the innermost running scope. */
export function collectEntry(flow: FlowDraft, collector: CollectorDraft, given: unknown): void {
  checkOpen(flow, "collect was called");
  const scope = flow.running.at(-1);
  if (!scope) {
    throw definitionError(flow, "scope-invalid", "collect was called outside of any forEachRow", {
      hint: "Entries are collected for each row: call it in the body of forEachRow.",
    });
  }
  const entry = entryOf(flow, given);
  checkFields(flow, collector, entry);
  for (const [name, value] of entry) checkType(flow, collector, name, value);
  const own = copied(entry);
  collector.entries.push(own);
  scope.steps.push({ kind: "collect", collector, entry: own });
}

/** What a collector is called in messages: it has no name but its fields. */
export function collectorText(collector: CollectorDraft): string {
  const first = collector.entries[0];
  return first ? `the collector of ${listed([...first.keys()])}` : "the collector";
}

function entryOf(flow: FlowDraft, given: unknown): EntryDraft {
  const handle = handleOf(given);
  if (typeof given !== "object" || given === null || Array.isArray(given) || handle?.kind === "slice") {
    throw definitionError(flow, "collect-invalid", "collect was given no object of fields", {
      hint: "Say { name: slice or constant }.",
    });
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  if (entries.length === 0) {
    throw definitionError(flow, "collect-invalid", "collect was given an entry without fields");
  }
  return new Map(entries.map(([name, value]) => [name, fieldEntry(flow, name, value)]));
}

function fieldEntry(flow: FlowDraft, name: string, value: unknown): FieldEntry {
  if (name === "" || name.includes("\0") || name === "__proto__") {
    throw definitionError(flow, "name-invalid", `a collected field has the name ${JSON.stringify(name)}`, {
      hint: "Any text can be a field's name, but for an empty one, one with a NUL character, and __proto__.",
    });
  }
  const handle = handleOf(value);
  if (handle?.kind === "slice") {
    checkVisible(flow, handle.node);
    return handle.node.expression;
  }
  if (handle !== null) {
    const what = handle.kind === "row" ? `a row of ${handle.scope.label}` : `source ${handle.source.name}`;
    throw collectError(
      flow,
      name,
      `collect was given ${what} for ${name}`,
      "Give a slice: a field of a row.",
    );
  }
  if (isGeneratedUuid(value)) return { kind: "generatedUuid" };
  if (containsHandle(value)) {
    const hint = "Give the slice itself, or make the object or array in a function.";
    throw collectError(flow, name, `collect was given a slice inside another value for ${name}`, hint);
  }
  return { kind: "collectedConstant", value };
}

/** A copy of the constants, so that what the user does to them later changes nothing. */
function copied(entry: EntryDraft): EntryDraft {
  return new Map(
    [...entry].map(([name, value]) => [
      name,
      value.kind === "collectedConstant" ? { ...value, value: structuredClone(value.value) } : value,
    ]),
  );
}

/** Every entry has the fields of the first. */
function checkFields(flow: FlowDraft, collector: CollectorDraft, entry: EntryDraft): void {
  const first = collector.entries[0];
  if (!first) return;
  const missing = [...first.keys()].filter((name) => !entry.has(name));
  const extra = [...entry.keys()].filter((name) => !first.has(name));
  const field = missing[0] ?? extra[0];
  if (field === undefined) return;
  const problem = missing.length > 0 ? `lacks ${listed(missing)}` : `has ${listed(extra)} too`;
  const hint = "Every entry of a collector has the same fields; null stands for what a row does not have.";
  throw collectError(flow, field, `an entry of ${collectorText(collector)} ${problem}`, hint);
}

function checkType(flow: FlowDraft, collector: CollectorDraft, name: string, value: FieldEntry): void {
  const settled = settleField([...collector.entries.map((entry) => entry.get(name)!), value]);
  if (!("problem" in settled)) return;
  throw collectError(flow, name, `field ${name} of ${collectorText(collector)}: ${settled.problem}`);
}

function collectError(flow: FlowDraft, step: string, message: string, hint?: string): Error {
  return definitionError(flow, "collect-invalid", message, { step, hint });
}
