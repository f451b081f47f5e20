/**
 * Whether two values are the same data: equal numbers, texts, bytes and vectors, arrays and plain objects of such.
 * Anything else (functions, class instances) is the same only as itself, so that a doubt counts as a difference.
 */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (isNumberArray(a)) return isNumberArray(b) && sameItems(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  return isPlain(a) && sameMembers(a, b);
}

type NumberArray = Uint8Array | Float32Array | Float64Array;

function isNumberArray(value: object): value is NumberArray {
  return value instanceof Uint8Array || value instanceof Float32Array || value instanceof Float64Array;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function sameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (item, i) => sameData(item, b[i]));
}

function sameMembers(a: object, b: object): boolean {
  const members = new Map(Object.entries(b));
  const entries = Object.entries(a);
  return (
    entries.length === members.size &&
    entries.every(([name, member]) => members.has(name) && sameData(member, members.get(name)))
  );
}
