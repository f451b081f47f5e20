import { collectsOf, type Expression, type FlowShape } from "../flow-shape.ts";
import { functionOf } from "../functions.ts";

export type FieldKind = "text" | "nullable text" | "uuid";

/** The fields of a collector, in order. */
export type CollectorSchema = readonly { readonly name: string; readonly kind: FieldKind }[];

/** What a collector holds, from every place that feeds it: null where any may be null. */
export function collectorSchema({ sources }: FlowShape, collector: string): CollectorSchema {
  const collects = sources.flatMap(({ body }) =>
    collectsOf(body).filter(({ collect }) => collect === collector),
  );
  const names = Object.keys(collects[0]?.fields ?? {});
  return names.map((name) => {
    const kinds = collects.map(({ fields }) => kindOf(fields[name]!));
    if (kinds.includes("uuid")) return { name, kind: "uuid" };
    return { name, kind: kinds.includes("nullable text") ? "nullable text" : "text" };
  });
}

/** Whether an expression may be null, known without any data. */
export function kindOf(expression: Expression): FieldKind {
  if ("uuid" in expression) return "uuid";
  if ("constant" in expression) return "text";
  if ("field" in expression) return expression.field === "note" ? "nullable text" : "text";
  const { inputs, output } = functionOf(expression.call);
  const skips = expression.with.some((one, i) => kindOf(one) === "nullable text" && !inputs[i]!.nullable);
  return skips || output === "nullable text" ? "nullable text" : "text";
}
