import { readOwnedKeys } from "../../engine/index.ts";
import { encodedKeys, keyText } from "./encoded-keys.ts";
import type { NearKeys } from "./near-keys.ts";
import type { FoundKey, TargetOnRecord } from "./target-on-record.ts";

/** Finds a target key, which several rows may yield, in the owner index. */
export async function findInIndex(
  { flow, planned, id }: TargetOnRecord,
  given: unknown,
  near: NearKeys,
): Promise<FoundKey | null> {
  const { store, bindings } = flow;
  const index = { store, flow: flow.id, order: bindings.order };
  const read = async (keys: readonly Uint8Array[]) => {
    const owned = await readOwnedKeys(
      index,
      keys.map((key) => ({ target: id, key })),
    );
    return keys.flatMap((key, at) => (owned[at] ? [{ key, owned: owned[at] }] : []))[0] ?? null;
  };
  const meant = await read(encodedKeys(given, planned));
  if (meant !== null) return meant;
  for await (const page of store.scanOwners(flow.id, id, { owedOnly: false })) {
    for (const { key } of page) {
      const text = keyText(key, planned);
      if (text === given) return read([key]);
      near.offer(text);
    }
  }
  return null;
}
