import { SluiceError } from "../../errors/index.ts";

/**
 * Makes one definition for equal options, since a flow may have only one function of a name, and since what bounds the
 * calls of a function belongs to its definition.
 */
export function definedOnce<Options extends object, Definition>(
  define: (options: Options) => Definition,
): (options: Options) => Definition {
  const known = new Map<string, Definition>();
  return (options) => {
    const key = keyOf(options);
    const definition = known.get(key) ?? define(options);
    known.set(key, definition);
    return definition;
  };
}

/** Functions among the options are equal when they are the same. */
function keyOf(options: object): string {
  return JSON.stringify(options, (_name, value: unknown) => {
    if (typeof value === "function") return { function: numberOf(value) };
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const numbers = new WeakMap<object, number>();
let lastNumber = 0;

function numberOf(fn: object): number {
  const number = numbers.get(fn) ?? ++lastNumber;
  numbers.set(fn, number);
  return number;
}

/** Refuses options that there are not. Users of JavaScript have no compiler that does. */
export function refuseUnknown(name: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw new SluiceError("option-invalid", `${name} has no option ${unknown}`, {
    hint: `It has ${known.join(", ")}.`,
  });
}
