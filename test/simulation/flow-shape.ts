/** A flow as plain data: what `world/define-flow-shape.ts` turns into a `Flow` and `model/` evaluates without the engine. */
export interface FlowShape {
  readonly sources: readonly SourceShape[];
  readonly exports: readonly ExportShape[];
  /** The version of each function, by name; those that are not named have version 0. */
  readonly versions: Readonly<Record<string, number>>;
}

export interface SourceShape {
  readonly name: string;
  readonly renamedFrom?: string;
  /** Whose rows it lists. */
  readonly book: string;
  /** Part of the spec, and of every value. */
  readonly edition: number;
  /** Part of the spec that values do not depend on. */
  readonly shelfmark: number;
  readonly body: readonly Item[];
}

/** What is done for each row of a scope, in this order. */
export type Item = CollectItem | EachItem;

export interface CollectItem {
  /** The collector's name, which only the case knows. */
  readonly collect: string;
  readonly fields: Readonly<Record<string, Expression>>;
}

export interface EachItem {
  /** A table: a field of that name, or what a call yields. */
  readonly each: Expression;
  readonly body: readonly Item[];
}

export type Expression =
  /** A field of the innermost scope that has it. */
  { readonly field: string } | { readonly constant: string } | CallExpression | { readonly uuid: true };

/** A function with its arguments in the order of its inputs; the first is no constant. */
export interface CallExpression {
  readonly call: string;
  readonly with: readonly Expression[];
}

export interface ExportShape {
  readonly name: string;
  readonly renamedFrom?: string;
  readonly collector: string;
  readonly key: readonly string[];
  readonly target: TargetShape;
}

export interface TargetShape {
  /** `shelf` is known by its place, `rack` by its export's name. */
  readonly kind: "shelf" | "rack";
  readonly place: string;
  /** Another one: the backend is made anew. */
  readonly edition: number;
  /** Another one: rows stay, and must be written again. */
  readonly format: number;
  /** Another one: nothing is to be done with rows. */
  readonly label: number;
}

/** The flow's name. */
export const flowName = "Simulated";

/** The name that a backend is known by: the former one of a renamed export. */
export function placeOf({ name, renamedFrom, target }: ExportShape): string {
  return target.kind === "shelf" ? target.place : (renamedFrom ?? name);
}

/** Names a backend among all of a world. */
export function backendOf(shape: ExportShape): string {
  return `${shape.target.kind}:${placeOf(shape)}`;
}

/** What a backend writes beside each value, so that a row that was not written again is told apart. */
export function stampOf({ edition, format }: TargetShape): string {
  return `${edition}.${format}`;
}

/** The items that lead to these collectors, and the tables around them. */
export function prune(body: readonly Item[], collectors: ReadonlySet<string>): readonly Item[] {
  return body.flatMap((item): readonly Item[] => {
    if ("collect" in item) return collectors.has(item.collect) ? [item] : [];
    const inner = prune(item.body, collectors);
    return inner.length > 0 ? [{ each: item.each, body: inner }] : [];
  });
}

/** Every collect of a body, in order. */
export function collectsOf(body: readonly Item[]): readonly CollectItem[] {
  return body.flatMap((item) => ("collect" in item ? [item] : collectsOf(item.body)));
}

/** Every expression of a body, nested ones included. */
export function expressionsOf(body: readonly Item[]): readonly Expression[] {
  const withInner = (expression: Expression): readonly Expression[] =>
    "call" in expression ? [expression, ...expression.with.flatMap(withInner)] : [expression];
  return body.flatMap((item) =>
    "collect" in item
      ? Object.values(item.fields).flatMap(withInner)
      : [...withInner(item.each), ...expressionsOf(item.body)],
  );
}
