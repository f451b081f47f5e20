import { functionOf } from "../functions.ts";
import type { ModelState } from "../model/model-state.ts";
import type { FunctionCall } from "../world/work.ts";

/** A call in words: what results are known by. */
export function describeCall({ name, version, args }: Omit<FunctionCall, "result">): string {
  return `${name}@${version}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`;
}

/** The calls of cached functions that the rows of a state need, in words. */
export function cachedCallsOf(state: ModelState): Set<string> {
  const collectors = new Set(state.flow.exports.map(({ collector }) => collector));
  const calls = [...state.rows.values()].flatMap((row) => row.callsFor(collectors));
  return new Set(calls.filter(({ name }) => functionOf(name).cached).map(describeCall));
}
