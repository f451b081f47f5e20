import type { Fence, FlowId, Lease, LeaseRequest, SourceId, StateStore } from "../contracts/state-store.ts";
import { decodeSetupRecord, emptySetupRecord, encodeSetupRecord, type SetupRecord } from "../setup/index.ts";
import { interruptible } from "./interruptible.ts";
import { openStore } from "./open-store.ts";
import type { Settings } from "./settings.ts";
import type { VerbOptions } from "./verb-options.ts";

export interface HoldOptions {
  readonly flow: string;
  readonly id: FlowId;
  readonly settings: Settings;
  /** What for: `update`, `setup`, `verify` or `drop`. */
  readonly purpose: string;
  readonly options: VerbOptions;
}

/** A flow whose lease this process holds, with its store open. */
export interface HeldFlow {
  readonly store: StateStore;
  readonly id: FlowId;
  /** The lease's number and the setup generation as it is now. */
  fence(): Fence;
  /** Whether it is still this process's, as far as the lease tells. */
  holds(): boolean;
  record(): SetupRecord;
  /** Makes a setup record durable. */
  writeRecord(record: SetupRecord): Promise<void>;
  /** Removes what is left of sources, whose rows were all removed. */
  forgetSources(ids: readonly SourceId[]): Promise<void>;
}

/**
 * Takes the flow's lease, does the work, and gives the lease back whatever happens. The work's signal aborts with
 * an error that says so when it is to stop.
 */
export async function holdFlow<T>(
  hold: HoldOptions,
  work: (held: HeldFlow, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = interruptible(hold.options.signal);
  const store = await openStore(hold.settings);
  try {
    const lease = await store.acquireLease(hold.id, leaseRequest(hold, stop.signal));
    const result = await openHeld(hold, store, lease)
      .then((held) => work(held, stop.signal))
      .catch(async (thrown: unknown) => {
        // What broke the store may keep the lease from being given back, and is the error to report.
        await lease.release().catch(() => {});
        throw thrown;
      });
    await lease.release();
    return result;
  } finally {
    stop.forget();
    await store.close();
  }
}

function leaseRequest({ purpose, options }: HoldOptions, signal: AbortSignal): LeaseRequest {
  const { wait = false, takeOver = false, onWait } = options;
  return { purpose, wait, takeOver, signal, ...(onWait ? { onWait } : {}) };
}

async function openHeld({ flow, id }: HoldOptions, store: StateStore, lease: Lease): Promise<HeldFlow> {
  const stored = await store.readSetup(id);
  let record = stored === null ? emptySetupRecord(flow) : decodeSetupRecord(stored.record);
  let generation = stored?.generation ?? lease.generation;
  const fence = (): Fence => ({ flow: id, number: lease.number, generation });
  const write = async (next: SetupRecord, removeSources: readonly SourceId[]) => {
    const kept = new Set(next.targets.map((target) => target.id));
    const removeTargets = record.targets.flatMap((target) => (kept.has(target.id) ? [] : [target.id]));
    await store.write({ fence: fence(), setup: encodeSetupRecord(next), removeSources, removeTargets });
    generation++;
    record = next;
  };
  return {
    store,
    id,
    fence,
    holds: () => lease.holds(),
    record: () => record,
    writeRecord: (next) => write(next, []),
    forgetSources: (ids) =>
      write({ ...record, sources: record.sources.filter((source) => !ids.includes(source.id)) }, ids),
  };
}
