import type { FlowId, SourceId, StateStore } from "../../contracts/state-store.ts";
import { ScanCursor } from "../../engine/index.ts";
import { encodedKeys, type KeySpace, keyText } from "./encoded-keys.ts";
import type { NearKeys } from "./near-keys.ts";

/** The rows of one source, as the store has them. */
export interface StoredSource {
  readonly store: StateStore;
  readonly flow: FlowId;
  readonly source: SourceId;
  readonly keys: KeySpace;
}

/** How many keys one printed text may stand for: long ones are printed without their middle. */
const mostAlike = 10;

/**
 * The encoded keys of the stored rows that something given for a key means. Rows are only gone through where no key
 * that it may stand for is stored: then for one that is printed so, with those that are nearly so told to `near`.
 */
export async function findRowKeys(
  { store, flow, source, keys }: StoredSource,
  given: unknown,
  near: NearKeys,
): Promise<readonly Uint8Array[]> {
  const meant = encodedKeys(given, keys);
  const versions = await store.readVersions(
    flow,
    meant.map((key) => ({ source, key })),
  );
  const found = meant.filter((_key, at) => versions[at] !== null);
  if (found.length > 0) return found;
  const cursor = new ScanCursor(store.scan(flow, source));
  const alike: Uint8Array[] = [];
  try {
    while (alike.length < mostAlike && (await cursor.advance())) {
      const key = cursor.copyKey();
      const text = keyText(key, keys);
      if (text === given) alike.push(key);
      else near.offer(text);
    }
  } finally {
    cursor.close();
  }
  return alike;
}
