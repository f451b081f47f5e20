import { hasOneForm } from "./float32-words.ts";
import { expected, Misfit } from "./misfit.ts";
import { type Normalize, roundToFloat32, type Strictness } from "./normalize-scalar.ts";
import type { TypeOfKind } from "./value-type.ts";

/** Takes the typed array of the type, or another array of numbers, which is copied into one. */
export function vectorNormalizer(type: TypeOfKind<"vector">, strictness: Strictness): Normalize {
  const canBe = type.element === "float32" ? Float32Array : Float64Array;
  const kind = type.dimension === null ? "a vector" : `a vector of ${type.dimension} numbers`;
  return (value) => {
    const own = isVector(value, type.element);
    if (!own && (strictness === "strict" || !isNumbers(value)))
      return expected(`${kind} (a ${canBe.name})`, value);
    const vector = value as Float32Array | Float64Array;
    if (type.dimension !== null && vector.length !== type.dimension) {
      return new Misfit(`expected ${kind}, got ${vector.length}`);
    }
    return own ? withoutNegativeZero(vector) : convertVector(vector, type.element);
  };
}

function isVector(value: unknown, element: "float32" | "float64"): boolean {
  if (!ArrayBuffer.isView(value)) return false;
  const tag = (value as Partial<Float32Array | Float64Array>)[Symbol.toStringTag];
  return tag === (element === "float32" ? "Float32Array" : "Float64Array");
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) || isVector(value, "float32") || isVector(value, "float64");
}

function withoutNegativeZero(vector: Float32Array | Float64Array): Float32Array | Float64Array {
  if (vector.BYTES_PER_ELEMENT === 4 && hasOneForm(vector as Float32Array)) return vector;
  for (let i = 0; i < vector.length; i++) {
    if (Object.is(vector[i], -0)) return vector.map((x) => x + 0);
  }
  return vector;
}

function convertVector(numbers: ArrayLike<unknown>, element: "float32" | "float64"): unknown {
  const vector = element === "float32" ? new Float32Array(numbers.length) : new Float64Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i];
    if (typeof number !== "number") return expected("a number", number).underIndex(i);
    const stored = element === "float32" ? roundToFloat32(number) : number + 0;
    if (stored instanceof Misfit) return stored.underIndex(i);
    vector[i] = stored;
  }
  return vector;
}
