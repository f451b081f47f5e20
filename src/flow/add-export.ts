import { checkName } from "../contracts/name.ts";
import type { FtsIndex, Json, TargetIndexes, TargetUse, VectorIndex } from "../contracts/target.ts";
import { isSluiceError } from "../errors/index.ts";
import { normalizer } from "../values/index.ts";
import { checkOptionNames } from "./check-option.ts";
import { listed } from "./closest-name.ts";
import {
  type CollectorDraft,
  checkOpen,
  definitionError,
  type ExportDraft,
  type FlowDraft,
  withPlace,
} from "./flow-draft.ts";

const optionNames = [
  "primaryKeyFields",
  "vectorIndexes",
  "ftsIndexes",
  "attachments",
  "setupByUser",
  "onDuplicateKey",
  "renamedFrom",
] as const;
type Given = Readonly<Partial<Record<(typeof optionNames)[number], unknown>>>;
const metrics = ["cosine", "l2", "innerProduct"];

/** Binds a collector to a target. Whether they fit is checked when every entry is known: see `checkExport`. */
export function addExport(
  flow: FlowDraft,
  collector: CollectorDraft,
  given: { readonly name: unknown; readonly target: unknown; readonly options: unknown },
): void {
  checkOpen(flow, "export was called");
  withPlace(flow, {}, () => checkName("an export", given.name));
  const name = given.name as string;
  const refuse = refusal(flow, name);
  if (flow.exports.some((other) => other.data.name === name)) {
    throw definitionError(flow, "name-duplicate", `there are two exports of the name ${name}`, {
      target: name,
    });
  }
  const { target } = given;
  if (!isTargetUse(target)) {
    throw refuse(
      "was given no target",
      "Call what defineTarget returned with its spec: export(name, table({ … }), …).",
    );
  }
  const data = withPlace(flow, { target: name }, () => {
    const options = checkOptionNames(flow, `export ${name}`, given.options ?? {}, optionNames);
    return dataOf(name, options, refuse);
  });
  flow.exports.push({ collector, target, data });
}

type Refuse = (what: string, hint?: string) => Error;

function refusal(flow: FlowDraft, target: string): Refuse {
  return (what, hint) =>
    definitionError(flow, "export-invalid", `export ${target} ${what}`, { target, hint });
}

function isTargetUse(target: unknown): target is TargetUse<unknown, unknown> {
  return typeof target === "object" && target !== null && "kind" in target && target.kind === "target-use";
}

function dataOf(name: string, given: Given, refuse: Refuse): ExportDraft["data"] {
  const { renamedFrom = null, setupByUser = false, onDuplicateKey = "first" } = given;
  if (renamedFrom !== null) checkName(`renamedFrom of export ${name}`, renamedFrom);
  if (typeof setupByUser !== "boolean") throw refuse("takes true or false for setupByUser");
  if (onDuplicateKey !== "first" && onDuplicateKey !== "error") {
    throw refuse(`takes "first" or "error" for onDuplicateKey, not ${String(onDuplicateKey)}`);
  }
  return {
    name,
    primaryKeyFields: primaryKeyFields(given.primaryKeyFields, refuse),
    indexes: indexes(given, refuse),
    attachments: jsonList<Json>("attachments", given.attachments, refuse),
    setupByUser,
    onDuplicateKey,
    renamedFrom,
  };
}

function primaryKeyFields(given: unknown, refuse: Refuse): readonly string[] {
  const isNames = Array.isArray(given) && given.every((name) => typeof name === "string");
  if (isNames && given.length > 0) return [...given];
  throw refuse("needs primaryKeyFields", "Name the fields that identify a target row.");
}

function indexes(given: Given, refuse: Refuse): TargetIndexes {
  const vector = jsonList<VectorIndex>("vectorIndexes", given.vectorIndexes, refuse);
  const fts = jsonList<FtsIndex>("ftsIndexes", given.ftsIndexes, refuse);
  const fields = [...vector, ...fts].map((index) => member(index, "field"));
  if (!fields.every((field) => typeof field === "string")) throw refuse("has an index that names no field");
  const unmeasured = vector.find((index) => !metrics.includes(String(member(index, "metric"))));
  if (unmeasured !== undefined) {
    const given = JSON.stringify(member(unmeasured, "metric"));
    throw refuse(`has a vector index with the metric ${given}`, `There are ${listed(metrics)}.`);
  }
  return { vector, fts };
}

const toJson = normalizer({ kind: "json", nullable: true });

/**
 * A copy, so that what the user does to the array later changes nothing. That its items are plain data is checked
 * here, what they hold by the caller.
 */
function jsonList<Item extends Json | VectorIndex | FtsIndex>(
  option: string,
  given: unknown,
  refuse: Refuse,
): readonly Item[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw refuse(`takes an array for ${option}`);
  try {
    return structuredClone(toJson(given)) as readonly Item[];
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    throw refuse(`takes plain data only for ${option}: ${error.message}`);
  }
}

function member(index: unknown, name: string): unknown {
  return typeof index === "object" && index !== null
    ? (index as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
