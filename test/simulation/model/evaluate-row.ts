import type { CallExpression, EachItem, Expression, Item } from "../flow-shape.ts";
import { type Computed, compute, functionOf } from "../functions.ts";
import type { RowValue } from "../world/books.ts";

/** What an entry holds in one field; `uuid` where an id is to be made. */
export type FieldValue = string | null | typeof uuid;
export const uuid = Symbol("uuid");

/** What a collector is given. */
export interface ModelEntry {
  readonly collector: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** A call that evaluating a row makes. */
export interface ModelCall {
  readonly name: string;
  readonly version: number;
  readonly args: readonly (string | null)[];
}

export interface Evaluated {
  readonly entries: readonly ModelEntry[];
  readonly calls: readonly ModelCall[];
}

/** One row of a scope, and the calls that were made for it. */
interface Scope {
  readonly values: Readonly<Record<string, unknown>>;
  readonly results: Map<string, Computed>;
}

/**
 * What a row yields, and what is called for it: an interpreter of flow shapes that shares nothing with the engine.
 * A call is made once for each row of the innermost scope that it takes anything from.
 */
export function evaluateRow(
  row: RowValue & { readonly id: unknown },
  body: readonly Item[],
  versions: Readonly<Record<string, number>>,
): Evaluated {
  const run = new RowRun(versions);
  run.body(body, [scopeOf({ ...row })]);
  return run;
}

function scopeOf(values: Readonly<Record<string, unknown>>): Scope {
  return { values, results: new Map() };
}

class RowRun implements Evaluated {
  readonly entries: ModelEntry[] = [];
  readonly calls: ModelCall[] = [];
  readonly #versions: Readonly<Record<string, number>>;

  constructor(versions: Readonly<Record<string, number>>) {
    this.#versions = versions;
  }

  body(body: readonly Item[], scopes: readonly Scope[]): void {
    this.#callHere(body, scopes);
    for (const item of body) {
      if ("collect" in item) {
        const fields = Object.entries(item.fields).map(([name, expression]) => [
          name,
          "uuid" in expression ? uuid : this.#value(expression, scopes),
        ]);
        this.entries.push({ collector: item.collect, fields: Object.fromEntries(fields) });
      } else this.#each(item, scopes);
    }
  }

  #each({ each, body }: EachItem, scopes: readonly Scope[]): void {
    const table = this.#value(each, scopes) as readonly Readonly<Record<string, unknown>>[] | null;
    for (const row of table ?? []) this.body(body, [...scopes, scopeOf(row)]);
  }

  /** Calls of inner scopes that need nothing of them are made out here, even where the inner table has no rows. */
  #callHere(body: readonly Item[], scopes: readonly Scope[]): void {
    const visit = (items: readonly Item[]): void => {
      for (const item of items) {
        const expressions = "collect" in item ? Object.values(item.fields) : [item.each];
        for (const expression of expressions) this.#callIfHere(expression, scopes);
        if ("each" in item) visit(item.body);
      }
    };
    visit(body);
  }

  #callIfHere(expression: Expression, scopes: readonly Scope[]): void {
    if (!("call" in expression)) return;
    for (const argument of expression.with) this.#callIfHere(argument, scopes);
    if (depthOf(expression, scopes) !== null) this.#value(expression, scopes);
  }

  #value(expression: Expression, scopes: readonly Scope[]): Computed {
    if ("constant" in expression) return expression.constant;
    if ("uuid" in expression) return null;
    if ("field" in expression) {
      const scope = scopes.findLast(({ values }) => expression.field in values)!;
      return scope.values[expression.field] as Computed;
    }
    const { results } = scopes[depthOf(expression, scopes)!]!;
    const name = JSON.stringify(expression);
    if (!results.has(name)) results.set(name, this.#call(expression, scopes));
    return results.get(name)!;
  }

  #call({ call, with: given }: CallExpression, scopes: readonly Scope[]): Computed {
    const args = given.map((argument) => this.#value(argument, scopes) as string | null);
    const { inputs } = functionOf(call);
    if (args.some((arg, i) => arg === null && !inputs[i]!.nullable)) return null;
    const version = this.#versions[call] ?? 0;
    this.calls.push({ name: call, version, args });
    return compute(call, version, args);
  }
}

/** Index of the innermost scope that an expression takes anything from; null where that is not running yet. */
function depthOf(expression: Expression, scopes: readonly Scope[]): number | null {
  if ("constant" in expression || "uuid" in expression) return 0;
  if ("field" in expression) {
    const at = scopes.findLastIndex(({ values }) => expression.field in values);
    return at === -1 ? null : at;
  }
  const depths = expression.with.map((argument) => depthOf(argument, scopes));
  return depths.includes(null) ? null : Math.max(...(depths as number[]));
}
