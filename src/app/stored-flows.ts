import type { LeaseHolder } from "../contracts/state-store.ts";
import { decodeSetupRecord, type SetupPlan } from "../setup/index.ts";
import { flowIdOf, partsOfFlowId } from "./flow-id.ts";
import { holdFlow } from "./held-flow.ts";
import { openStoreToRead } from "./open-store.ts";
import { planCountedDrop } from "./plan-setup.ts";
import type { Settings } from "./settings.ts";
import { dropFlow, type SetupResult } from "./setup-flow.ts";
import type { DropFlowOptions } from "./verb-options.ts";

/** A flow that a store has records of, whether or not it is defined in this process. */
export interface StoredFlow {
  readonly name: string;
  readonly namespace: string | null;
  readonly sources: number;
  readonly targets: number;
  /** Who works on it now. */
  readonly holder: LeaseHolder | null;
}

/** The flows that the store of these settings knows, of every namespace, by name; null where there is no store. */
export async function storedFlows(settings: Settings): Promise<readonly StoredFlow[] | null> {
  const store = await openStoreToRead(settings);
  if (store === null) return null;
  try {
    const flows: StoredFlow[] = [];
    for (const id of await store.flows()) {
      const stored = await store.readSetup(id);
      if (stored === null) continue;
      const { sources, targets } = decodeSetupRecord(stored.record);
      const counts = { sources: sources.filter(({ gone }) => !gone).length, targets: targets.length };
      flows.push({ ...partsOfFlowId(id), ...counts, holder: await store.leaseHolder(id) });
    }
    return flows;
  } finally {
    await store.close();
  }
}

/** What dropping a flow that is only known from the store would remove; null where the store does not know it. */
export async function planStoredDrop(
  name: string,
  settings: Settings,
  options: Pick<DropFlowOptions, "forget"> = {},
): Promise<SetupPlan | null> {
  const store = await openStoreToRead(settings);
  const id = flowIdOf(name, settings);
  try {
    const stored = (await store?.readSetup(id)) ?? null;
    return stored && planCountedDrop({ id, record: decodeSetupRecord(stored.record), store }, options);
  } finally {
    await store?.close();
  }
}

/** Drops a flow that left the code; what has no connector any more is dropped only with `forget`, and left behind. */
export async function dropStoredFlow(
  name: string,
  settings: Settings,
  options: DropFlowOptions = {},
): Promise<SetupResult> {
  const { report = () => {}, forget = false } = options;
  const { appDirectory } = settings;
  return holdFlow(
    { flow: name, id: flowIdOf(name, settings), settings, purpose: "drop", options },
    (held, signal) => dropFlow(held, { forget, appDirectory, report, signal }),
  );
}
