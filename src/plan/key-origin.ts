import type { CollectStep, ExportDefinition, Scope, SourceStep } from "../flow/index.ts";
import { typeSignature, type ValueType } from "../values/index.ts";
import type { KeyOrigin } from "./plan.ts";

/**
 * Why no two rows can yield one key of an export; null where they may. Every collect that feeds it must take the
 * whole key of one source unchanged, or a generated id, into the same fields of the primary key.
 */
export function keyOriginOf(
  step: ExportDefinition,
  keyType: ValueType,
  sources: readonly SourceStep[],
): KeyOrigin | null {
  const feeding = sources.flatMap((source) => {
    const collects = collectsOf(source.scope, step.collector);
    return collects.length > 0 ? [{ source, collects }] : [];
  });
  const collects = feeding.flatMap((each) => each.collects);
  const generated = step.primaryKeyFields.filter((field) =>
    collects.every((collect) => collectedIn(collect, field)?.kind === "generatedUuid"),
  );
  if (generated.length > 0) return { kind: "generated", fields: generated };
  return feeding.length === 1 ? rowOrigin(feeding[0]!.source, collects, keyType) : null;
}

function rowOrigin(
  source: SourceStep,
  collects: readonly CollectStep[],
  keyType: ValueType,
): KeyOrigin | null {
  const targetFields = keyType.kind === "struct" ? keyType.fields : [];
  const fields: [string, string][] = [];
  for (const { name, type } of keyFieldsOf(source)) {
    const taken = targetFields.find(
      (field) =>
        typeSignature({ ...field.type, nullable: false }) === typeSignature({ ...type, nullable: false }) &&
        collects.every((collect) => takes(collect, field.name, { slot: source.scope.rowSlot, field: name })),
    );
    if (!taken) return null;
    fields.push([taken.name, name]);
  }
  return { kind: "row", source: source.name, fields };
}

function keyFieldsOf({
  keyType,
}: SourceStep): readonly { readonly name: string; readonly type: ValueType }[] {
  return keyType.kind === "struct" ? keyType.fields : [{ name: "key", type: keyType }];
}

function takes(
  collect: CollectStep,
  field: string,
  from: { readonly slot: number; readonly field: string },
): boolean {
  const value = collectedIn(collect, field);
  return (
    value?.kind === "slot" &&
    value.slot === from.slot &&
    value.path.length === 1 &&
    value.path[0] === from.field
  );
}

function collectedIn(collect: CollectStep, field: string) {
  return collect.fields.find(({ name }) => name === field)?.value;
}

function collectsOf(scope: Scope, collector: number): CollectStep[] {
  return scope.steps.flatMap((step) => {
    if (step.kind === "each") return collectsOf(step.scope, collector);
    return step.kind === "collect" && step.collector === collector ? [step] : [];
  });
}
