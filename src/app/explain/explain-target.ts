import { SluiceError } from "../../errors/index.ts";
import { nameHint } from "../../flow/index.ts";
import { keyText } from "./encoded-keys.ts";
import { rowMissing, textOf } from "./explain-rows.ts";
import type { TargetRowExplanation } from "./explanation.ts";
import { findInIndex } from "./find-in-index.ts";
import { findInOutputs } from "./find-in-outputs.ts";
import type { FlowOnRecord } from "./flow-on-record.ts";
import { NearKeys } from "./near-keys.ts";
import { standing } from "./standing-failure.ts";
import type { TargetOnRecord } from "./target-on-record.ts";

/**
 * Explains where a row of a target comes from.
 *
 * @throws SluiceError `row-missing`
 */
export async function explainTargetRow(
  flow: FlowOnRecord,
  name: string,
  given: unknown,
): Promise<TargetRowExplanation> {
  const index = exportNamed(flow, name);
  const { id, indexed } = flow.bindings.targets[index]!;
  const target: TargetOnRecord = { flow, planned: flow.plan.exports[index]!, id };
  const near = new NearKeys(String(given));
  const isBuilt = indexed && !flow.bindings.overdue.build.includes(id);
  const found =
    (indexed ? await findInIndex(target, given, near) : null) ??
    (isBuilt ? null : await findInOutputs(target, given, near));
  if (found === null) throw rowMissing(flow, `target ${name} has no row ${textOf(given)} on record`, near);
  const { claims, state, failure } = found.owned;
  const [owner = null, ...others] = claims.map(({ source, row }) => flow.rowName({ source, key: row }));
  const key = keyText(found.key, target.planned);
  return {
    flow: flow.plan.flow,
    target: name,
    key,
    state,
    owner,
    others,
    failure: failure && standing(failure),
  };
}

function exportNamed({ plan }: FlowOnRecord, name: string): number {
  const index = plan.exports.findIndex((planned) => planned.name === name);
  if (index >= 0) return index;
  const names = plan.exports.map((planned) => planned.name);
  throw new SluiceError("row-missing", `flow ${plan.flow} has no export ${name}`, {
    where: { flow: plan.flow },
    hint: nameHint(name, names, "It has"),
  });
}
