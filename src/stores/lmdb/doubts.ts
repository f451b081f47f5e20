import type { FlowId } from "../../contracts/state-store.ts";
import type { Environment } from "./environment.ts";
import { putFlow, readFlow, readOrMakeFlow } from "./flow-record.ts";
import { after, doubtKey, flowPrefix } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { checksumBytes, recordIsSound } from "./records.ts";

export interface StoredDoubt {
  readonly id: number;
  readonly doubt: Uint8Array;
}

/** Keeps a doubt under the flow's next number, which is not used a second time. Within a transaction. */
export function putDoubt({ tree, file }: Environment, flow: FlowId, doubt: Uint8Array): void {
  const record = readOrMakeFlow(tree, file, flow);
  const id = (record.lastDoubt ?? 0) + 1;
  putFlow(tree, { ...record, lastDoubt: id });
  tree.put(doubtKey(record.id, id), doubt);
}

/** The doubts of a flow, oldest first, the caller's own copies. */
export function readDoubts({ tree, file }: Environment, flow: FlowId): StoredDoubt[] {
  const known = readFlow(tree, file, flow);
  if (!known) return [];
  const found: StoredDoubt[] = [];
  const prefix = flowPrefix("doubt", known.id);
  tree.walk(prefix, after(prefix), ({ key, keyStart, keyEnd, value, valueLength }) => {
    const under = key.slice(keyStart, keyEnd);
    const record = value.slice(0, valueLength);
    const id = Number(Buffer.from(under).readBigUInt64BE(prefix.length));
    if (!recordIsSound(under, record)) throw damaged(file, `doubt ${id} of flow ${flow}`, { flow });
    found.push({ id, doubt: record.slice(checksumBytes) });
    return true;
  });
  return found;
}
