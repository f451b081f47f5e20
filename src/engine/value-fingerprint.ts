import type { PlannedExport } from "../plan/index.ts";
import type { Digest } from "../values/index.ts";

/** An export as it is set up now: what its rows are encoded and fingerprinted with. */
export interface ExportShape {
  readonly planned: PlannedExport;
  readonly schemaVersion: number;
}

/** Digests the values of an export's rows, so that equal values under another schema differ. */
export function valueDigester({ planned, schemaVersion }: ExportShape): (value: unknown) => Digest {
  const seed = new TextEncoder().encode(`${planned.schemaFingerprint}.${schemaVersion}.`);
  return (value) => planned.valueCodec.digest(value, seed);
}
