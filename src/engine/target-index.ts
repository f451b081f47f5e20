import type { Bindings } from "./bindings.ts";

/** Export index by target id, for the targets that are set up. */
export type TargetIndex = ReadonlyMap<number, number>;

export function targetIndex({ targets }: Bindings): TargetIndex {
  return new Map(targets.map(({ id }, index) => [id as number, index]));
}
