import type { FlowId, SourceId, StateStore } from "../contracts/state-store.ts";

/** Whether any row of these sources is tracked. */
export async function hasRows(
  store: StateStore,
  flow: FlowId,
  sources: Iterable<SourceId>,
): Promise<boolean> {
  for (const source of sources) {
    const scan = store.scan(flow, source);
    const page = await scan.nextPage();
    scan.close();
    if (page !== null && page.count > 0) return true;
  }
  return false;
}
