import type { ValueType } from "../values/index.ts";

/** The type that a collected constant has where nothing else says it; null for what is no value of a flow. */
export function typeOfConstant(value: unknown): ValueType | null {
  switch (typeof value) {
    case "string":
      return { kind: "string", nullable: false };
    case "boolean":
      return { kind: "boolean", nullable: false };
    case "number":
      return { kind: Number.isSafeInteger(value) ? "int" : "float64", nullable: false };
    case "bigint":
      return { kind: "int64", nullable: false };
    case "object":
      return value === null ? null : typeOfObject(value);
    default:
      return null;
  }
}

function typeOfObject(value: object): ValueType | null {
  if (value instanceof Uint8Array) return { kind: "bytes", nullable: false };
  if (value instanceof Float32Array) return vectorType("float32", value.length);
  if (value instanceof Float64Array) return vectorType("float64", value.length);
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return plain ? { kind: "json", nullable: false } : null;
}

function vectorType(element: "float32" | "float64", length: number): ValueType {
  return { kind: "vector", element, dimension: length === 0 ? null : length, nullable: false };
}
