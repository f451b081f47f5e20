import type { Bindings } from "../engine/index.ts";
import { InternalError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan } from "../plan/index.ts";
import { keepsOrder, type SetupRecord, sourceOrder } from "../setup/index.ts";

/** What is recorded of a plan's sources and exports, all of which are set up. */
export function bindingsOf(plan: Plan, record: SetupRecord): Bindings {
  const present = record.sources.filter((source) => !source.gone);
  const backends = new Map(
    record.targets.map((target) => [canonicalJson([target.kind, target.key]), target]),
  );
  const order = sourceOrder(record.sources);
  return {
    order,
    adopted: record.targets.flatMap(({ id, adoption }) =>
      adoption === null ? [] : [{ target: id, rows: adoption.rows ?? 0 }],
    ),
    overdue: {
      build: record.targets.flatMap(({ id, ownerIndex }) => (ownerIndex.kind === "building" ? [id] : [])),
      reorder: !keepsOrder(record.sourceOrder, order),
    },
    sources: new Map(present.map(({ name, id }) => [name, id])),
    logics: new Map(record.logics.map((known) => [known.logic, known])),
    gone: record.sources.filter((source) => source.gone),
    targets: plan.exports.map(({ name, definition, persistentKey }) => {
      const target = backends.get(canonicalJson([definition.kind, persistentKey]));
      if (!target) throw new InternalError(`export ${name} of flow ${plan.flow} is not in the setup record`);
      const indexed = target.ownerIndex.kind !== "needless";
      return { id: target.id, schemaVersion: target.schemaVersion, indexed };
    }),
  };
}
