import type { FlowId } from "../../contracts/state-store.ts";
import { flowKey, kinds } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { checksumBytes, recordIsSound } from "./records.ts";
import type { Tree } from "./tree.ts";

export interface StoredHolder extends ProcessIdentity {
  readonly purpose: string;
  readonly since: number;
  /** Tells this lease from any other, whatever happens to numbers. */
  readonly nonce: string;
}

/** What is kept of a flow as long as the store lives: its short number, and what fencing rests on. */
export interface FlowRecord {
  readonly name: FlowId;
  /** Stands for the name in the keys of its rows. */
  readonly id: number;
  readonly leaseNumber: number;
  readonly generation: number;
  readonly holder: StoredHolder | null;
  /** The number of the newest doubt, whether that is still there or not; left out before the first. */
  readonly lastDoubt?: number;
}

export function readFlow(tree: Tree, file: string, flow: FlowId): FlowRecord | null {
  const content = tree.get(flowKey(flow), () => damaged(file, `the record of flow ${flow}`, { flow }));
  return content ? parseFlow(content) : null;
}

export function putFlow(tree: Tree, record: FlowRecord): void {
  tree.put(flowKey(record.name), Buffer.from(JSON.stringify(record)));
}

/** The flow's record, made with the next free number when there is none. Within a transaction. */
export function readOrMakeFlow(tree: Tree, file: string, flow: FlowId): FlowRecord {
  const known = readFlow(tree, file, flow);
  if (known) return known;
  const id = 1 + Math.max(0, ...readAllFlows(tree, file).map((other) => other.id));
  return { name: flow, id, leaseNumber: 0, generation: 0, holder: null };
}

export function readAllFlows(tree: Tree, file: string): FlowRecord[] {
  const records: FlowRecord[] = [];
  tree.walk(Buffer.of(kinds.flow), Buffer.of(kinds.flow + 1), (entry) => {
    const key = entry.key.slice(entry.keyStart, entry.keyEnd);
    const record = entry.value.slice(0, entry.valueLength);
    if (!recordIsSound(key, record)) throw damaged(file, "the record of a flow");
    records.push(parseFlow(record.subarray(checksumBytes)));
    return true;
  });
  return records;
}

function parseFlow(content: Uint8Array): FlowRecord {
  return JSON.parse(Buffer.from(content).toString("utf8")) as FlowRecord;
}
