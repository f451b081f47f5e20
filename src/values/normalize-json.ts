import { compareText } from "./compare-text.ts";
import { describeValue, expected, Misfit } from "./misfit.ts";
import { isPlainObject, type PlainObject, setOwn } from "./own-property.ts";
import { isWellFormed } from "./well-formed.ts";

/** How deep arrays and objects may be nested within one JSON or union value. */
export const maxDepth = 500;

/**
 * The canonical form of a JSON value: −0 is 0, members that are undefined are left out, and the names of an object
 * stand in the order of their UTF-8, so that `JSON.stringify` gives one text whether a value was just made or comes
 * from the store. (JavaScript itself lists names that are array indexes first.)
 */
export function normalizeJson(value: unknown): unknown {
  return normalizeAt(value, 0);
}

function normalizeAt(value: unknown, depth: number): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "number") return finite(value);
  if (depth >= maxDepth) {
    return new Misfit(`the value is nested deeper than ${maxDepth} levels, or contains itself`);
  }
  if (Array.isArray(value)) return normalizeArray(value, depth);
  if (isPlainObject(value)) return normalizeObject(value, depth);
  return new Misfit(`expected a JSON value, got ${describeValue(value)}${hintFor(value)}`);
}

function normalizeArray(array: readonly unknown[], depth: number): unknown {
  let copy: unknown[] | null = null;
  for (let i = 0; i < array.length; i++) {
    const before = array[i];
    const after = normalizeAt(before, depth + 1);
    if (after instanceof Misfit) return after.underIndex(i);
    if (copy === null && !Object.is(after, before)) copy = array.slice(0, i);
    if (copy !== null) copy[i] = after;
  }
  return copy ?? array;
}

function normalizeObject(object: PlainObject, depth: number): unknown {
  const names = Object.keys(object);
  let changed = false;
  const values: unknown[] = [];
  for (const name of names) {
    if (!isWellFormed(name)) return new Misfit(`the name ${JSON.stringify(name)} has a lone surrogate`);
    const before = object[name];
    const after = before === undefined ? undefined : normalizeAt(before, depth + 1);
    if (after instanceof Misfit) return after.underField(name);
    changed ||= after === undefined || !Object.is(after, before);
    values.push(after);
  }
  if (!changed && isSorted(names)) return object;
  const copy = rebuild(names, values);
  return !changed && listsAlike(copy, names) ? object : copy;
}

function rebuild(names: readonly string[], values: readonly unknown[]): PlainObject {
  const order = names.map((_, i) => i).sort((a, b) => compareText(names[a]!, names[b]!));
  const copy: PlainObject = {};
  for (const i of order) if (values[i] !== undefined) setOwn(copy, names[i]!, values[i]);
  return copy;
}

/** Names that are array indexes come first whatever is done, so the sorted copy may list them as they were. */
function listsAlike(copy: PlainObject, names: readonly string[]): boolean {
  return Object.keys(copy).every((name, i) => name === names[i]);
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if (compareText(names[i - 1]!, names[i]!) > 0) return false;
  return true;
}

function wellFormed(text: string): unknown {
  return isWellFormed(text)
    ? text
    : new Misfit("the text has a lone surrogate; repair it with text.toWellFormed()");
}

function finite(value: number): unknown {
  return Number.isFinite(value) ? value + 0 : expected("a finite number in JSON", value);
}

function hintFor(value: unknown): string {
  if (value instanceof Date) return "; give its toISOString()";
  return typeof value === "bigint" ? "; give it as text" : "";
}
