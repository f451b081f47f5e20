import type { FlowId, SourceId, StateStore, TargetId } from "../../../src/contracts/state-store.ts";
import { bytesToHex } from "../../../src/kernel/bytes.ts";
import { decodeSetupRecord, type SetupRecord } from "../../../src/setup/index.ts";
import type { MemoryState } from "../../../src/stores/memory/index.ts";
import type { Case } from "../case.ts";
import { flowName } from "../flow-shape.ts";
import { encodeKey } from "../model/make-ids.ts";
import type { ModelState } from "../model/model-state.ts";
import { type Problem, problem } from "./problem.ts";

export interface StoreToCheck {
  readonly simulated: Case;
  readonly store: StateStore;
  /** What lies behind a store in memory; null for any other. */
  readonly memory: MemoryState | null;
  /** What should be known; null where the flow was dropped. */
  readonly model: ModelState | null;
  /** The update had something to do: else what an interrupted one has left is collected by the next that has. */
  readonly didWork: boolean;
}

const flow = flowName as FlowId;

/** At rest the store keeps something of each row, source and target that is there, and of nothing else. */
export async function checkStore(checked: StoreToCheck): Promise<Problem | null> {
  const { store, model } = checked;
  const setup = await store.readSetup(flow);
  const record = setup && decodeSetupRecord(setup.record);
  if (model === null && record !== null) return problem("orphan setup", "the setup record of a dropped flow");
  const doubts = await store.readDoubts(flow);
  if (doubts.length > 0) return problem("orphan doubt", `${doubts.length} doubts`);
  return (
    (await checkSources(checked, record)) ??
    (await checkOwners(checked, record)) ??
    (await checkMemos(checked)) ??
    checkMemory(checked)
  );
}

/** Ids are given out from 1: those that are not in the record any more must have left nothing. */
const mostIds = 40;

async function checkSources(checked: StoreToCheck, record: SetupRecord | null): Promise<Problem | null> {
  for (let id = 1; id < (record?.nextSourceId ?? mostIds); id++) {
    const recorded = record?.sources.find((source) => source.id === id);
    if (recorded?.gone)
      return problem("orphan setup", `source ${recorded.name}, which is gone, in the setup record`);
    const found = await checkRows(checked, id as SourceId, recorded?.name ?? null);
    if (found) return found;
  }
  return null;
}

async function checkRows(
  { simulated, store, model }: StoreToCheck,
  id: SourceId,
  name: string | null,
): Promise<Problem | null> {
  const rows = [...(model?.rows.values() ?? [])].filter(({ source }) => source.name === name);
  const wanted = new Set(
    rows.map(({ source, stored }) => bytesToHex(encodeKey(simulated.books[source.book]!, stored.key))),
  );
  const what = name === null ? `source ${id}, which is not there` : `source ${name}`;
  const scan = store.scan(flow, id);
  for (let page = await scan.nextPage(); page; page = await scan.nextPage()) {
    for (let i = 0; i < page.count; i++) {
      const key = bytesToHex(page.bytes.subarray(i === 0 ? 0 : page.ends[2 * i - 1]!, page.ends[2 * i]!));
      if (!wanted.delete(key)) return problem("orphan row", `row ${key} of ${what}`);
    }
  }
  if (wanted.size > 0) return problem("orphan row", `no record of ${wanted.size} rows of ${what}`);
  for await (const { key } of store.readFailures(flow, id))
    return problem("orphan failure", `a failure of row ${bytesToHex(key)} of ${what}`);
  return null;
}

async function checkOwners(
  { store, model }: StoreToCheck,
  record: SetupRecord | null,
): Promise<Problem | null> {
  for (let id = 1 as TargetId; id < (record?.nextTargetId ?? mostIds); id++) {
    const recorded = record?.targets.find((target) => target.id === id);
    for await (const page of store.scanOwners(flow, id as TargetId, { owedOnly: true }))
      if (page.length > 0)
        return problem("orphan owner", `${page.length} keys of target ${id} are owed something`);
    let keys = 0;
    for await (const page of store.scanOwners(flow, id as TargetId, { owedOnly: false })) keys += page.length;
    const backend = recorded && model?.backends.get(`${recorded.kind}:${recorded.key}`);
    if (keys > (backend?.claims.size ?? 0))
      return problem(
        "orphan owner",
        `${keys} owners of target ${id}, which has ${backend?.claims.size ?? 0} keys`,
      );
  }
  return null;
}

async function checkMemos({ simulated, store, didWork }: StoreToCheck): Promise<Problem | null> {
  if (simulated.retentionMs > 0 || !didWork) return null;
  const collected = await store.collectMemos({ retentionMs: 0 });
  return collected === 0 ? null : problem("orphan result", `${collected} results that no row uses`);
}

function checkMemory({ memory, model }: StoreToCheck): Problem | null {
  if (memory === null) return null;
  const references = new Map<string, number>();
  let rows = 0;
  for (const { sources } of memory.flows.values()) {
    for (const source of sources.values()) {
      rows += source.size;
      for (const row of source.values())
        for (const memo of row.memos) references.set(memo, (references.get(memo) ?? 0) + 1);
    }
  }
  if (rows !== (model?.rows.size ?? 0))
    return problem("orphan row", `${rows} rows, of which ${model?.rows.size} are there`);
  for (const [fingerprint, memo] of memory.memos) {
    if (memo.references !== (references.get(fingerprint) ?? 0))
      return problem(
        "orphan result",
        `a result with ${memo.references} uses, and ${references.get(fingerprint) ?? 0} rows`,
      );
    if (memo.result === null) return problem("orphan result", "a use of a result that is not there");
  }
  return null;
}
