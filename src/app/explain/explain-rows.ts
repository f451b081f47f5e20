import { readStoredRow } from "../../engine/index.ts";
import { SluiceError } from "../../errors/index.ts";
import { listed, nameHint } from "../../flow/index.ts";
import type { PlannedSource } from "../../plan/index.ts";
import { toPlain } from "../../values/index.ts";
import { type KeySpace, keysOfSource, keyText } from "./encoded-keys.ts";
import { explainOutputs } from "./explain-outputs.ts";
import { explainRow } from "./explain-row.ts";
import type { RowExplanation } from "./explanation.ts";
import { findRowKeys } from "./find-row-keys.ts";
import type { FlowOnRecord } from "./flow-on-record.ts";
import { NearKeys } from "./near-keys.ts";

/**
 * Explains the rows that a key means: those of one source, or of every source that has it.
 *
 * @throws SluiceError `row-missing`
 */
export async function explainRows(
  flow: FlowOnRecord,
  given: unknown,
  source: string | null,
): Promise<readonly RowExplanation[]> {
  const sources = source === null ? flow.plan.sources : [sourceNamed(flow, source)];
  const near = new NearKeys(String(given));
  const rows: RowExplanation[] = [];
  for (const planned of sources) {
    const keys = keysOfSource(planned);
    const id = flow.bindings.sources.get(planned.name)!;
    const found = await findRowKeys({ store: flow.store, flow: flow.id, source: id, keys }, given, near);
    for (const key of found) rows.push(...(await explainKey(flow, planned, key)));
  }
  if (rows.length > 0) return rows;
  const names = listed(
    sources.map(({ name }) => name),
    "or",
  );
  throw rowMissing(flow, `source ${names} has no row ${textOf(given)} on record`, near);
}

/** None where the row has gone meanwhile. */
async function explainKey(
  flow: FlowOnRecord,
  planned: PlannedSource,
  key: Uint8Array,
): Promise<RowExplanation[]> {
  const address = { source: flow.bindings.sources.get(planned.name)!, key };
  const stored = await readStoredRow(flow.store, flow.id, address);
  if (stored === null) return [];
  const keys = keysOfSource(planned);
  return [
    {
      flow: flow.plan.flow,
      source: planned.name,
      row: keyText(key, keys),
      key: plainKey(key, keys),
      ...explainRow(flow, planned, stored),
      outputs: await explainOutputs(flow, address, stored),
    },
  ];
}

function sourceNamed({ plan }: FlowOnRecord, name: string): PlannedSource {
  const found = plan.sources.find((source) => source.name === name);
  if (found) return found;
  const names = plan.sources.map((source) => source.name);
  throw new SluiceError("row-missing", `flow ${plan.flow} has no source ${name}`, {
    where: { flow: plan.flow },
    hint: nameHint(name, names, "It has"),
  });
}

/** Null for a key of another type, left from before the key's schema changed. */
function plainKey(key: Uint8Array, { keyCodec, keyType }: KeySpace): unknown {
  try {
    return toPlain(keyType, keyCodec.decode(key));
  } catch {
    return null;
  }
}

export function rowMissing({ plan }: FlowOnRecord, message: string, near: NearKeys): SluiceError {
  const { found } = near;
  const hint =
    found.length > 0
      ? `Did you mean ${listed(found, "or")}?`
      : "A row is on record from the first update that saw it until it is gone from its source.";
  return new SluiceError("row-missing", message, { where: { flow: plan.flow }, hint });
}

export function textOf(given: unknown): string {
  return typeof given === "string" ? given : (JSON.stringify(given) ?? String(given));
}
