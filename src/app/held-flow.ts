import type { Fence, FlowId, Lease, LeaseHolder, SourceId, StateStore } from "../contracts/state-store.ts";
import { decodeSetupRecord, emptySetupRecord, encodeSetupRecord, type SetupRecord } from "../setup/index.ts";
import { openStore } from "./open-store.ts";
import type { Settings } from "./settings.ts";

export interface HoldOptions {
  readonly flow: string;
  readonly id: FlowId;
  readonly settings: Settings;
  /** What for: `update`, `setup` or `drop`. */
  readonly purpose: string;
  readonly wait: boolean;
  readonly onWait?: (holder: LeaseHolder) => void;
  readonly signal: AbortSignal;
}

/** A flow whose lease this process holds, with its store open. */
export interface HeldFlow {
  readonly store: StateStore;
  readonly id: FlowId;
  /** The lease's number and the setup generation as it is now. */
  fence(): Fence;
  record(): SetupRecord;
  /** Makes a setup record durable. */
  writeRecord(record: SetupRecord): Promise<void>;
  /** Removes what is left of sources, whose rows were all removed. */
  forgetSources(ids: readonly SourceId[]): Promise<void>;
}

/** Takes the flow's lease, does the work, and gives the lease back whatever happens. */
export async function holdFlow<T>(options: HoldOptions, work: (held: HeldFlow) => Promise<T>): Promise<T> {
  const store = await openStore(options.settings);
  try {
    const lease = await store.acquireLease(options.id, {
      purpose: options.purpose,
      wait: options.wait,
      signal: options.signal,
      ...(options.onWait ? { onWait: options.onWait } : {}),
    });
    try {
      return await work(await openHeld(options, store, lease));
    } finally {
      await lease.release();
    }
  } finally {
    await store.close();
  }
}

async function openHeld({ flow, id }: HoldOptions, store: StateStore, lease: Lease): Promise<HeldFlow> {
  const stored = await store.readSetup(id);
  let record = stored === null ? emptySetupRecord(flow) : decodeSetupRecord(stored.record);
  let generation = stored?.generation ?? lease.generation;
  const fence = (): Fence => ({ flow: id, number: lease.number, generation });
  const write = async (next: SetupRecord, removeSources: readonly SourceId[]) => {
    await store.write({ fence: fence(), setup: encodeSetupRecord(next), removeSources });
    generation++;
    record = next;
  };
  return {
    store,
    id,
    fence,
    record: () => record,
    writeRecord: (next) => write(next, []),
    forgetSources: (ids) =>
      write({ ...record, sources: record.sources.filter((source) => !ids.includes(source.id)) }, ids),
  };
}
