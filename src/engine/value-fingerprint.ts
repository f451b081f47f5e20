import type { PlannedExport } from "../plan/index.ts";
import { type Fingerprint, fingerprint } from "../values/index.ts";

/** An export as it is set up now: what its rows are encoded and fingerprinted with. */
export interface ExportShape {
  readonly planned: PlannedExport;
  readonly schemaVersion: number;
}

/** Fingerprints the encoded values of an export's rows, so that equal bytes under another schema differ. */
export function valueFingerprinter({
  planned,
  schemaVersion,
}: ExportShape): (bytes: Uint8Array) => Fingerprint {
  const prefix = new TextEncoder().encode(`${planned.schemaFingerprint}.${schemaVersion}.`);
  return (bytes) => {
    const whole = new Uint8Array(prefix.length + bytes.length);
    whole.set(prefix);
    whole.set(bytes, prefix.length);
    return fingerprint(whole);
  };
}
