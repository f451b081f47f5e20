import { decodeOutputRecord } from "../../src/engine/output-record.ts";
import { decodeSetupRecord } from "../../src/setup/index.ts";
import type { MemoryState } from "../../src/stores/memory/index.ts";

/** What a store keeps that nothing needs: records of sources and targets that are not set up, and unsettled ones. */
export function leftInStore(state: MemoryState): string[] {
  return [...state.flows].flatMap(([id, flow]) => {
    if (flow.setup === null)
      return flow.sources.size + flow.owners.size > 0 ? [`${id}: rows, and no setup`] : [];
    const record = decodeSetupRecord(flow.setup);
    const sources = new Set<number>(record.sources.map((source) => source.id));
    const targets = new Set<number>(record.targets.map((target) => target.id));
    const rows = [...flow.sources].flatMap(([source, all]) =>
      [...all.values()].map((row) => ({ source, row })),
    );
    const outputs = rows.flatMap(({ row }) => (row.outputs ? decodeOutputRecord(row.outputs).targets : []));
    return [
      ...rows
        .filter(({ source }) => !sources.has(source))
        .map(({ source }) => `${id}: a row of source ${source}`),
      ...record.sources.filter(({ gone }) => gone).map(({ name }) => `${id}: source ${name}, which left`),
      ...outputs
        .filter(({ target }) => !targets.has(target))
        .map(({ target }) => `${id}: outputs to ${target}`),
      ...[...flow.owners]
        .filter(([target, owners]) => owners.size > 0 && !targets.has(target))
        .map(([target]) => `${id}: owners of ${target}`),
      ...[...flow.owners.values()]
        .flatMap((owners) => [...owners.values()])
        .filter(({ owed }) => owed)
        .map(() => `${id}: a key that is owed something`),
      ...record.targets
        .filter(({ staged }) => staged.length > 0)
        .map(({ name }) => `${id}: ${name} is staged`),
    ];
  });
}

/** The same state, which changes on its own from then on. Nobody may hold a flow of it. */
export function copyOfState(state: MemoryState, into: MemoryState): MemoryState {
  for (const [id, flow] of state.flows) into.flows.set(id, structuredClone(flow));
  for (const [fingerprint, memo] of state.memos) into.memos.set(fingerprint, structuredClone(memo));
  return into;
}
