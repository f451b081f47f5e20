import { toSluiceError } from "../errors/index.ts";
import { chain, isPromise, type MaybePromise } from "../kernel/maybe-promise.ts";
import type { CallStep, CollectStep, EachStep, Expression, Scope, Step } from "../plan/index.ts";
import type { ValueType } from "../values/index.ts";

import { roughSize } from "./rough-size.ts";

/** What a row's steps yielded, in an order that depends on nothing but the row. */
export type Yielded = Entry | NamedValue;

/** What a collector was given. */
export interface Entry {
  readonly kind: "entry";
  /** Index of the collector. */
  readonly collector: number;
  /** By field, those left out whose ids are to be made. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The fields whose ids are to be made. */
  readonly generated: readonly string[];
}

/** A derived field that was named. Programs that only feed exports have none. */
export interface NamedValue {
  readonly kind: "named";
  readonly name: string;
  readonly value: unknown;
  readonly type: ValueType;
}

/** Calls functions for one row. */
export interface Caller {
  call(step: CallStep, args: Readonly<Record<string, unknown>>): MaybePromise<unknown>;
}

export interface Evaluation {
  readonly scope: Scope;
  /** How many slots the source's steps use. */
  readonly slots: number;
  /** The row as a struct of its key and value fields. */
  readonly row: unknown;
  readonly caller: Caller;
}

/** Runs a row's steps. Pure but for the functions that it calls. */
export function evaluate({ scope, slots, row, caller }: Evaluation): MaybePromise<Yielded[]> {
  const run = new RowRun(caller);
  const values: unknown[] = new Array(slots);
  return run.scope(scope, values, row);
}

type Values = readonly unknown[];

/** How many rows of a table run at once where the flow does not say. */
const defaultTableRows = 1024;

/** Its loops count: over fields and steps, an iterator made more garbage than what they hold. */
class RowRun {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  scope(scope: Scope, outer: Values, row: unknown): MaybePromise<Yielded[]> {
    const values = outer.slice();
    values[scope.rowSlot] = row;
    return this.#steps(scope.steps, 0, values, []);
  }

  /** Goes on without a promise for as long as no step needs one. */
  #steps(
    steps: readonly Step[],
    from: number,
    values: unknown[],
    entries: Yielded[],
  ): MaybePromise<Yielded[]> {
    for (let i = from; i < steps.length; i++) {
      const step = steps[i]!;
      const result = step.kind === "call" ? this.#call(step, values) : this.#step(step, values, entries);
      if (isPromise(result)) return this.#stepsAfter(result, { steps, at: i, values, entries });
      if (step.kind === "call") values[step.slot] = result;
    }
    return entries;
  }

  /** Goes on behind a step whose result has to be waited for. Apart: what is made for it is made for no other step. */
  #stepsAfter(
    result: Promise<unknown>,
    {
      steps,
      at,
      values,
      entries,
    }: { steps: readonly Step[]; at: number; values: unknown[]; entries: Yielded[] },
  ): Promise<Yielded[]> {
    const step = steps[at]!;
    if (step.kind !== "call") return result.then(() => this.#steps(steps, at + 1, values, entries));
    return result.then(
      (value) => {
        values[step.slot] = value;
        return this.#steps(steps, at + 1, values, entries);
      },
      (thrown) => placed(step, thrown),
    );
  }

  #step(step: Exclude<Step, CallStep>, values: unknown[], entries: Yielded[]): MaybePromise<void> {
    switch (step.kind) {
      case "each":
        return this.#each(step, values, entries);
      case "collect":
        entries.push(entryOf(step, values));
        return;
      case "name":
        entries.push({
          kind: "named",
          name: step.name,
          value: resolve(step.value, values),
          type: step.value.type,
        });
    }
  }

  #call(step: CallStep, values: Values): MaybePromise<unknown> {
    const args: Record<string, unknown> = {};
    for (let i = 0; i < step.arguments.length; i++) {
      const argument = step.arguments[i]!;
      const value = resolve(argument.value, values);
      if (argument.skipOnNull && value === null) return null;
      args[argument.name] = value;
    }
    try {
      return this.#caller.call(step, args);
    } catch (thrown) {
      return placed(step, thrown);
    }
  }

  /** Rows run side by side, up to the limit; their entries stay in the order of the table. */
  #each(step: EachStep, values: Values, entries: Yielded[]): MaybePromise<void> {
    const rows = (resolve(step.table, values) ?? []) as readonly unknown[];
    const from = (at: number): MaybePromise<void> => {
      if (at >= rows.length) return;
      const limit = windowSize(step, rows, at);
      const window = rows.slice(at, at + limit).map((row) => this.#tableRow(step.scope, values, row));
      const settled = window.some(isPromise) ? Promise.all(window) : (window as Yielded[][]);
      return chain(settled, (lists) => {
        for (const list of lists) for (const entry of list) entries.push(entry);
        return from(at + limit);
      });
    };
    return from(0);
  }

  /** A row that throws at once must not leave the promises of its neighbours unobserved. */
  #tableRow(scope: Scope, values: Values, row: unknown): MaybePromise<Yielded[]> {
    try {
      return this.scope(scope, values, row);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }
}

/** Throws the error of a call, with the step at which it was. */
function placed(step: CallStep, thrown: unknown): never {
  throw toSluiceError(thrown, "function-failed", { where: { step: step.use.definition.name } });
}

/** How many rows from here on may run at once: at least one, however large it is. */
function windowSize(
  { maxInflightRows, maxInflightBytes }: EachStep,
  rows: readonly unknown[],
  from: number,
): number {
  const mostRows = Math.min(maxInflightRows ?? defaultTableRows, rows.length - from);
  if (maxInflightBytes === null) return mostRows;
  let bytes = 0;
  let count = 0;
  while (count < mostRows) {
    bytes += roughSize(rows[from + count]);
    if (count > 0 && bytes > maxInflightBytes) break;
    count++;
  }
  return count;
}

const noFields: readonly string[] = [];

function entryOf(step: CollectStep, values: Values): Entry {
  const collected: Record<string, unknown> = {};
  let ids = noFields;
  for (let i = 0; i < step.fields.length; i++) {
    const { name, value } = step.fields[i]!;
    if (value.kind === "generatedUuid") ids = [...ids, name];
    else collected[name] = resolve(value, values);
  }
  return { kind: "entry", collector: step.collector, values: collected, generated: ids };
}

function resolve(expression: Expression, values: Values): unknown {
  if (expression.kind === "constant") return expression.value;
  let value = values[expression.slot];
  for (let i = 0; i < expression.path.length; i++) {
    if (value === null || value === undefined) return null;
    value = (value as Readonly<Record<string, unknown>>)[expression.path[i]!];
  }
  return value ?? null;
}
