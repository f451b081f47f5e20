import type { FunctionParts, KnownLogic, LogicParts } from "./logic-parts.ts";

/** What of a row's logic may differ from what the row was made with. Records keep the place in this list: add at its end. */
export const logicPartsInOrder = [
  "source-kind",
  "source-version",
  "source-spec",
  "row-types",
  "steps",
  "function-code",
  "function-version",
  "function-spec",
  "function-types",
  "function-sharing",
  "export-fields",
  "duplicate-keys",
  "target-version",
  "target-spec",
  /** The target's rows are to be written again, for a reason that is not on record. */
  "target-rewrite",
  /** The target was made anew. */
  "target-rebuild",
  "export-added",
  "export-removed",
  /** What the row was made with is not on record any more. */
  "unknown",
] as const;

/** A part of a flow's definition, or of a target's state, that rows depend on. */
export type LogicPart = (typeof logicPartsInOrder)[number];

export interface LogicChange {
  readonly part: LogicPart;
  /** Of the function; empty for parts that are none of a function. */
  readonly name: string;
}

/** Which parts differ between the logic that a row was made with and the one that it is to be made with. Pure. */
export function changesBetween(before: KnownLogic, after: KnownLogic): LogicChange[] {
  const parts = [...definitionChanges(before.parts, after.parts), ...targetChanges(before, after)];
  if (parts.length === 0 && before.logic !== after.logic) return [change("unknown")];
  return parts;
}

function definitionChanges(before: LogicParts, after: LogicParts): LogicChange[] {
  return [
    ...differing([
      ["source-kind", before.source.kind, after.source.kind],
      ["source-version", before.source.version, after.source.version],
      ["source-spec", before.source.spec, after.source.spec],
      ["row-types", before.rowTypes, after.rowTypes],
      ["steps", before.steps, after.steps],
    ]),
    ...after.functions.flatMap((fn) => functionChanges(before, fn)),
    ...differing([
      ["export-fields", before.fields, after.fields],
      ["duplicate-keys", before.onDuplicateKey, after.onDuplicateKey],
    ]),
  ];
}

/** A function that was not called before is a change of the steps. */
function functionChanges(before: LogicParts, after: FunctionParts): LogicChange[] {
  const known = before.functions.find(({ name }) => name === after.name);
  if (!known) return [];
  const versioned = known.version !== null || after.version !== null;
  const what: Pair = versioned
    ? ["function-version", known.version, after.version]
    : ["function-code", known.code, after.code];
  const others: Pair[] = [
    ["function-spec", known.specs, after.specs],
    ["function-types", known.types, after.types],
    ["function-sharing", known.sharedId, after.sharedId],
  ];
  return differing([what, ...others], after.name);
}

/** The target's own version and spec matter only where they made its rows be written again. */
function targetChanges(before: KnownLogic, after: KnownLogic): LogicChange[] {
  const rebuilt = before.target !== after.target;
  if (!rebuilt && before.schemaVersion === after.schemaVersion) return [];
  const known = differing([
    ["target-version", before.parts.target.version, after.parts.target.version],
    ["target-spec", before.parts.target.state, after.parts.target.state],
  ]);
  if (rebuilt) return [...known, change("target-rebuild")];
  return known.length > 0 ? known : [change("target-rewrite")];
}

type Pair = readonly [part: LogicPart, before: unknown, after: unknown];

function differing(pairs: readonly Pair[], name = ""): LogicChange[] {
  return pairs.filter(([, before, after]) => before !== after).map(([part]) => change(part, name));
}

function change(part: LogicPart, name = ""): LogicChange {
  return { part, name };
}
