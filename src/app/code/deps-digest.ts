import { fingerprint } from "../../values/fingerprint.ts";
import { Untraceable } from "./untraceable.ts";

/**
 * Plain data as text, equal for equal data whatever the order of keys. Takes what JSON takes, and undefined,
 * bigint, dates, regular expressions, maps, sets, typed arrays and array buffers; refuses functions, instances
 * of classes and rings, whose content cannot be seen.
 */
export function canonicalData(value: unknown, place = "deps", above: readonly unknown[] = []): string {
  if (typeof value === "number") return Object.is(value, -0) ? "0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "boolean" || value === undefined) return String(value);
  if (typeof value !== "object") throw refused(place, `a ${typeof value}, whose content cannot be seen`);
  if (above.includes(value)) throw refused(place, "part of itself");
  return canonicalObject(value, place, [...above, value]);
}

function canonicalObject(value: object, place: string, above: readonly unknown[]): string {
  const inner = (item: unknown, key: string | number) => canonicalData(item, `${place}.${key}`, above);
  if (Array.isArray(value)) return `[${Array.from(value, inner).join(",")}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return `RegExp(${JSON.stringify(value.source)},${value.flags})`;
  if (ArrayBuffer.isView(value)) return bytes(value.constructor.name, value);
  if (value instanceof ArrayBuffer) return bytes("ArrayBuffer", new Uint8Array(value));
  if (value instanceof Set) return `Set(${[...value].map(inner).sort().join(",")})`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item], index) => `${inner(key, index)}:${inner(item, index)}`);
    return `Map(${entries.sort().join(",")})`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw refused(
      place,
      `an instance of ${value.constructor?.name || "a class"}, whose content cannot be seen`,
    );
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${inner(item, key)}`).join(",")}}`;
}

function bytes(kind: string, view: ArrayBufferView): string {
  // A Buffer is a Uint8Array that was made by Node.
  const name = kind === "Buffer" ? "Uint8Array" : kind;
  return `${name}(${fingerprint(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))})`;
}

function refused(place: string, what: string): Untraceable {
  return new Untraceable(`${place} is ${what}`, { advice: "put only plain data into deps" });
}
