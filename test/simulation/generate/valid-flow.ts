import { backendOf, collectsOf, type FlowShape, prune } from "../flow-shape.ts";
import { collectorSchema } from "../model/collector-schema.ts";

/** The flow without what `defineFlow` would refuse; null where nothing would be left. */
export function repaired(flow: FlowShape): FlowShape | null {
  const exports = flow.exports.filter(
    ({ collector }, i) =>
      flow.sources.some(({ body }) => prune(body, new Set([collector])).length > 0) &&
      flow.exports.findIndex((other) => other.collector === collector) <= i,
  );
  const kept = { ...flow, exports };
  return isValid(kept) ? kept : null;
}

function isValid(flow: FlowShape): boolean {
  const { sources, exports } = flow;
  if (sources.length === 0 || exports.length === 0) return false;
  const names = [...sources.map(({ name }) => `source ${name}`), ...exports.map(({ name }) => name)];
  const backends = exports.map(backendOf);
  const isUnique = (all: readonly string[]) => new Set(all).size === all.length;
  if (!isUnique(names) || !isUnique(backends)) return false;
  return exports.every(({ collector, key }) => {
    const collects = sources
      .flatMap(({ body }) => collectsOf(body))
      .filter(({ collect }) => collect === collector);
    const fields = collects.map((one) => Object.keys(one.fields).sort().join());
    if (new Set(fields).size !== 1) return false;
    const schema = collectorSchema(flow, collector);
    return key.every((name) => schema.some((field) => field.name === name && field.kind !== "nullable text"));
  });
}
