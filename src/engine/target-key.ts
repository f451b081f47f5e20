import type { PlannedExport } from "../plan/index.ts";

/** A target row's key as its target takes it: bare where the target takes one value, else a struct. */
export function keyForTarget(planned: PlannedExport, key: Uint8Array): unknown {
  return keyOfStruct(planned, planned.keyCodec.decode(key) as Readonly<Record<string, unknown>>);
}

/** The same of a key's fields. */
export function keyOfStruct(planned: PlannedExport, struct: Readonly<Record<string, unknown>>): unknown {
  return planned.bareKey ? struct[planned.schema.keyFields[0]!.name] : struct;
}

/** The struct of a key that a target gave. */
export function keyFromTarget(planned: PlannedExport, key: unknown): unknown {
  return planned.bareKey ? { [planned.schema.keyFields[0]!.name]: key } : key;
}
