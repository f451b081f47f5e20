import { bytesToHex } from "../kernel/bytes.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { fingerprint } from "../values/index.ts";

/** What an id is made from: it stays while these stay. */
export interface UuidSeed {
  readonly flow: string;
  /** Names the collector. */
  readonly collector: string;
  readonly source: string;
  readonly rowKey: Uint8Array;
  readonly field: string;
  /** The entry's other values, encoded. */
  readonly others: Uint8Array;
  /** How many entries of the row with equal other values came before. */
  readonly nth: number;
}

/** A UUID of version 8 (RFC 9562, section 5.8) from a digest of the seed. */
export function generatedUuid({ flow, collector, source, rowKey, field, others, nth }: UuidSeed): string {
  const digest = fingerprint(
    canonicalJson([flow, collector, source, bytesToHex(rowKey), field, bytesToHex(others), nth]),
  );
  const variant = "89ab"[Number.parseInt(digest[16]!, 16) & 3]!;
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join("-");
}
