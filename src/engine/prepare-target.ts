import type { TargetContext } from "../contracts/target.ts";
import { toSluiceError } from "../errors/index.ts";
import type { PlannedExport } from "../plan/index.ts";

/** Prepares a target for one export; what it yields is what its other methods are given. */
export async function prepareTarget(planned: PlannedExport, context: TargetContext): Promise<unknown> {
  const { definition, spec, name, names, schema, step } = planned;
  try {
    return await definition.prepare(spec, { ...context, ...names, schema, indexes: step.indexes });
  } catch (thrown) {
    throw toSluiceError(thrown, "target-prepare-failed").at({ target: name });
  }
}
