import {
  backendOf,
  collectsOf,
  type ExportShape,
  expressionsOf,
  type FlowShape,
  prune,
  type SourceShape,
} from "../flow-shape.ts";
import { collectorSchema } from "./collector-schema.ts";
import { idNameOf } from "./id-names.ts";

/** What the rows of a source yield for each backend depends on, beside their data: when it changes, they run again. */
export function logicOf(flow: FlowShape, source: SourceShape): ReadonlyMap<string, string> {
  return new Map(
    flow.exports.flatMap((shape) => {
      const logic = logicOfExport(flow, source, shape);
      return logic === null ? [] : [[backendOf(shape), logic] as const];
    }),
  );
}

/** Null where the source does not feed the export. */
function logicOfExport(flow: FlowShape, source: SourceShape, shape: ExportShape): string | null {
  const { collector, key, target } = shape;
  const body = prune(source.body, new Set([collector]));
  if (body.length === 0) return null;
  const called = expressionsOf(body).flatMap((one) => ("call" in one ? [one.call] : []));
  const makesIds = collectsOf(body).some(({ fields }) => Object.values(fields).some((one) => "uuid" in one));
  const first = flow.exports.find((other) => other.collector === collector)!;
  return JSON.stringify({
    rows: [source.book, source.edition],
    body,
    versions: [...new Set(called)].sort().map((name) => [name, flow.versions[name] ?? 0]),
    schema: [collectorSchema(flow, collector), key],
    target: [target.edition, target.format],
    ids: makesIds ? [idNameOf(flow.sources, source.name), idNameOf(flow.exports, first.name)] : null,
  });
}
