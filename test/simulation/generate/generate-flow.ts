import {
  type CollectItem,
  type ExportShape,
  type Expression,
  type FlowShape,
  type Item,
  prune,
  type SourceShape,
  type TargetShape,
} from "../flow-shape.ts";
import type { Draw } from "./draw.ts";
import {
  nullableExpression,
  ownKey,
  type ScopeName,
  sharedKey,
  textExpression,
} from "./generate-expression.ts";

/** What a generator may make. */
export interface Scope {
  /** Rows may claim keys that other rows claim too. */
  readonly shared: boolean;
}

/** The fields of a collector: the same at each place that feeds it. */
export interface CollectorPlan {
  readonly name: string;
  readonly fields: readonly string[];
  readonly key: readonly string[];
  /** Keys that rows share are drawn for it. */
  readonly shared: boolean;
}

export const sourceNames = ["alpha", "beta", "delta", "gamma", "Zeta"] as const;
export const exportNames = ["One", "Two", "Three", "Four"] as const;
export const places = ["north", "east", "south", "west"] as const;

export interface GeneratedFlow {
  readonly flow: FlowShape;
  readonly collectors: readonly CollectorPlan[];
}

export function generateFlow(draw: Draw, books: readonly string[], scope: Scope): GeneratedFlow {
  const plans = Array.from({ length: Number(draw.weighted({ "1": 5, "2": 3, "3": 1 })) }, (_, i) =>
    planCollector(draw, `c${i + 1}`, scope),
  );
  const names = draw.shuffled(sourceNames).slice(0, Number(draw.weighted({ "1": 4, "2": 4, "3": 2 })));
  const sources = names.map((name) => generateSource(draw, { name, book: draw.pick(books), plans }));
  const flow = { sources, exports: generateExports(draw, plans), versions: {} };
  return { flow: fed(flow, plans, draw), collectors: plans };
}

/** Every exported collector is fed by some source. */
function fed(flow: FlowShape, plans: readonly CollectorPlan[], draw: Draw): FlowShape {
  const hungry = plans.filter(({ name }) =>
    flow.sources.every(({ body }) => prune(body, new Set([name])).length === 0),
  );
  const [first, ...others] = flow.sources;
  const added = hungry.flatMap((plan) => generateBody(draw, first!.name, [plan]));
  return { ...flow, sources: [{ ...first!, body: [...first!.body, ...added] }, ...others] };
}

export function planCollector(draw: Draw, name: string, { shared }: Scope): CollectorPlan {
  const values = ["a", "b", "u"].filter((field) => draw.chance(field === "u" ? 0.25 : 0.6));
  const isShared = shared && draw.chance(0.65);
  const names = isShared ? (draw.chance(0.8) ? ["k"] : ["k", "j"]) : ["k", "j"];
  const fields = draw.shuffled([...names, ...values]);
  const key =
    values.includes("u") && draw.chance(0.4) ? draw.pick([["u"], ["k", "u"]]) : draw.shuffled(names);
  return { name, fields, key, shared: isShared };
}

export function generateSource(
  draw: Draw,
  {
    name,
    book,
    plans,
  }: { readonly name: string; readonly book: string; readonly plans: readonly CollectorPlan[] },
): SourceShape {
  const chosen = plans.filter(() => draw.chance(0.75));
  const body = generateBody(draw, name, chosen.length > 0 ? chosen : [draw.pick(plans)]);
  return { name, book, edition: 0, shelfmark: 0, body };
}

export function generateBody(draw: Draw, source: string, plans: readonly CollectorPlan[]): readonly Item[] {
  let body: readonly Item[] = [];
  for (const plan of plans) {
    for (let left = draw.weighted({ one: 7, two: 3 }) === "one" ? 1 : 2; left > 0; left--)
      body = withCollect(draw, body, { source, plan, scopes: ["row"] });
  }
  return body;
}

interface Placing {
  readonly source: string;
  readonly plan: CollectorPlan;
  readonly scopes: readonly ScopeName[];
}

/** Adds a collect here or further in, in a table that is gone through already or in a new one. */
function withCollect(draw: Draw, body: readonly Item[], placing: Placing): readonly Item[] {
  const tables = tablesIn(draw, placing.scopes);
  if (tables.length === 0 || draw.chance(0.5)) {
    const item = collectFor(draw, placing);
    return draw.chance(0.5) ? [...body, item] : [item, ...body];
  }
  const [each, scope] = draw.pick(tables);
  const inner = { ...placing, scopes: [...placing.scopes, scope] };
  const at = body.findIndex((item) => "each" in item && JSON.stringify(item.each) === JSON.stringify(each));
  if (at === -1 || draw.chance(0.3)) return [...body, { each, body: withCollect(draw, [], inner) }];
  return body.map((item, i) =>
    i === at && "each" in item ? { each, body: withCollect(draw, item.body, inner) } : item,
  );
}

function tablesIn(draw: Draw, scopes: readonly ScopeName[]): readonly (readonly [Expression, ScopeName])[] {
  const cut = (field: string) => ({ call: draw.pick(["split", "cut"]), with: [{ field }] });
  if (scopes.includes("piece") || scopes.includes("marks")) return [];
  if (scopes.includes("parts"))
    return [
      [{ field: "marks" }, "marks"],
      [cut("word"), "piece"],
    ];
  return [
    [{ field: "parts" }, "parts"],
    [cut(draw.pick(["text", "note"])), "piece"],
  ];
}

function collectFor(draw: Draw, { source, plan, scopes }: Placing): CollectItem {
  const fields = plan.fields.map((name) => [name, fieldFor(draw, name, { source, plan, scopes })]);
  return { collect: plan.name, fields: Object.fromEntries(fields) };
}

export function fieldFor(draw: Draw, name: string, { source, plan, scopes }: Placing): Expression {
  switch (name) {
    case "k":
      return plan.shared ? sharedKey(draw, scopes) : ownKey(draw, scopes);
    case "j":
      return { constant: plan.shared ? draw.pick(["x", "y"]) : source };
    case "u":
      return { uuid: true };
    case "b":
      return draw.chance(0.8) ? nullableExpression(draw, scopes) : textExpression(draw, scopes);
    default:
      return textExpression(draw, scopes);
  }
}

function generateExports(draw: Draw, plans: readonly CollectorPlan[]): ExportShape[] {
  const also = draw.chance(0.2) ? [draw.pick(plans)] : [];
  return [...plans, ...also].map((plan, i) => ({
    name: exportNames[i]!,
    collector: plan.name,
    key: plan.key,
    target: generateTarget(draw, places[i]!),
  }));
}

export function generateTarget(draw: Draw, place: string): TargetShape {
  return { kind: draw.chance(0.7) ? "shelf" : "rack", place, edition: 0, format: 0, label: 0 };
}
