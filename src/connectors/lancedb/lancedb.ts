import { defineTarget } from "../../contracts/define-target.ts";
import type { ExportNames, PrepareContext, TargetUse } from "../../contracts/target.ts";
import { changeTable, inspectTable } from "./change-table.ts";
import { lanceError } from "./lance-error.ts";
import {
  describePlace,
  type LanceOptions,
  type LancePlace,
  type LanceSpec,
  lanceSpec,
  placeOf,
} from "./lance-spec.ts";
import { type PreparedTable, prepareTable } from "./prepared-table.ts";
import { compareStates, tableState, wantedState } from "./table-state.ts";
import type { RowMutation } from "./write-rows.ts";

/**
 * A table of LanceDB, an embedded database for vectors and text: a column for each field, vectors of fixed dimension as
 * `FixedSizeList`, what has parts as JSON text. It has the vector and full-text indexes that the export asks for, and
 * is compacted as it is written. Needs the package `@lancedb/lancedb`.
 *
 * @example
 * collector.export("Chunks", lancedb({ uri: "data/lancedb" }), {
 *   primaryKeyFields: ["filename", "location"],
 *   vectorIndexes: [{ field: "embedding", metric: "cosine" }],
 *   ftsIndexes: [{ field: "text" }],
 * });
 *
 * @throws SluiceError `spec-invalid`
 */
export function lancedb(options: LanceOptions): TargetUse<unknown, unknown> {
  return lanceTarget(options);
}

const lanceTarget = defineTarget({
  kind: "lancedb",
  spec: lanceSpec,
  getPersistentKey: (spec, _targetName, names) => placeFor(spec, names),
  setupState: wantedState,
  compare: compareStates,
  describe: (key) => describePlace(placeOf(key)),
  async applySetupChange(change, { appDirectory }) {
    try {
      await changeTable(change, appDirectory);
    } catch (thrown) {
      throw lanceError(thrown, `${describePlace(placeOf(change.key))} was not set up`);
    }
  },
  inspect: async (key, { appDirectory }) => {
    const found = await inspectTable(placeOf(key), appDirectory);
    return found && tableState.parse(found);
  },
  prepare: (spec: LanceSpec, context: PrepareContext) => prepareTable(spec, placeFor(spec, context), context),
  async mutate(batches, { signal }) {
    for (const { target, mutations } of batches) {
      signal.throwIfAborted();
      await target.write(mutations as readonly RowMutation[]);
    }
  },
  readBack: (target: PreparedTable) => target.rows(),
  close: (target) => target.close(),
});

function placeFor(spec: LanceSpec, { defaultName }: Pick<ExportNames, "defaultName">): LancePlace {
  return { database: spec.uri, table: spec.table ?? defaultName };
}
