import type { Fence, FlowId, Lease, LeaseHolder, StateStore } from "../contracts/state-store.ts";
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
  return {
    store,
    id,
    fence,
    record: () => record,
    async writeRecord(next) {
      await store.write({ fence: fence(), setup: encodeSetupRecord(next) });
      generation++;
      record = next;
    },
  };
}
