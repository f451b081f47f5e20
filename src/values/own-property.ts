/** A plain object in the making. */
export type PlainObject = Record<string, unknown>;

/** Sets a property of the object's own, whatever its name: assigning to `__proto__` would change the prototype. */
export function setOwn(object: PlainObject, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Reads the named property of an object, but not what every object inherits (`constructor`, `toString`, …). */
export function fieldReader(name: string): (object: PlainObject) => unknown {
  if (!(name in Object.prototype)) return (object) => object[name];
  return (object) => (Object.hasOwn(object, name) ? object[name] : undefined);
}

/** Whether a value is an object with no class of its own, of whichever realm. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}
