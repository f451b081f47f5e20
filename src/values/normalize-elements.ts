import { Misfit } from "./misfit.ts";
import type { Normalize } from "./normalize-scalar.ts";

/** The array itself, or a copy from the first element that changes. */
export function normalizeElements(
  array: readonly unknown[],
  normalize: Normalize,
): readonly unknown[] | Misfit {
  let copy: unknown[] | null = null;
  for (let i = 0; i < array.length; i++) {
    const before = array[i];
    const after = normalize(before);
    if (after instanceof Misfit) return after.underIndex(i);
    if (copy === null && !Object.is(after, before)) copy = array.slice(0, i);
    if (copy !== null) copy[i] = after;
  }
  return copy ?? array;
}
