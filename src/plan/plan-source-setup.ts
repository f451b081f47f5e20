import type { SourceNames } from "../contracts/source-setup.ts";
import { SluiceError } from "../errors/index.ts";
import type { SourceStep } from "../flow/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { defaultNameOf } from "./default-name.ts";
import { plainJson } from "./plain-json.ts";
import type { PlannedSource, PlannedSourceSetup } from "./plan.ts";

/** What a source is told that it is called. */
export function sourceNames({ name, options }: SourceStep, flow: string, appNamespace: string): SourceNames {
  const sourceName = options.renamedFrom ?? name;
  return { flow, sourceName, defaultName: defaultNameOf(appNamespace, flow, sourceName) };
}

/** What a source needs beside its rows; null where it needs nothing. */
export function planSourceSetup(
  { name, definition: { setup }, spec }: SourceStep,
  names: SourceNames,
): PlannedSourceSetup | null {
  if (setup === null) return null;
  const input = { ...names, spec };
  const where = { flow: names.flow, source: name };
  const state = plainJson(setup.setupState(input) ?? null, "setupState", where);
  if (state === null) return null;
  return {
    definition: setup,
    state,
    key: plainJson(setup.getPersistentKey(input), "getPersistentKey", where),
  };
}

/** @throws SluiceError `setup-conflict` where two sources need one and the same thing */
export function refuseSharedSourceSetups(flow: string, sources: readonly PlannedSource[]): void {
  const owners = new Map<string, string>();
  for (const { name, setup } of sources) {
    if (setup === null) continue;
    const { definition, key } = setup;
    const text = canonicalJson([definition.sourceKind, key]);
    const owner = owners.get(text);
    if (owner !== undefined) {
      throw new SluiceError(
        "setup-conflict",
        `sources ${owner} and ${name} need the same ${definition.describe(key)}`,
        { where: { flow, source: name }, hint: "Read the source once, and use its rows in several places." },
      );
    }
    owners.set(text, name);
  }
}
