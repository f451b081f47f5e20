import type { InspectContext, Json } from "../contracts/target.ts";
import { toSluiceError } from "../errors/index.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Plan, PlannedExport } from "../plan/index.ts";
import type { SetupRecord } from "./setup-record.ts";

/** What is known of a backend that no record speaks of: its state, null where there is none; or nothing. */
export type FoundBackend = { readonly state: Json } | "unknown";

/** By the text of `backendText`. */
export type FoundBackends = ReadonlyMap<string, FoundBackend>;

/** What tells one backend of a process from another. */
export function backendText(kind: string, key: Json): string {
  return canonicalJson([kind, key]);
}

/** Looks for the backends of exports of which the store knows nothing, for adoption. Changes nothing. */
export async function findBackends(
  plan: Plan,
  recorded: SetupRecord,
  context: InspectContext,
): Promise<FoundBackends> {
  const known = new Set(recorded.targets.map(({ kind, key }) => backendText(kind, key)));
  const found = new Map<string, FoundBackend>();
  for (const planned of plan.exports) {
    const text = backendText(planned.definition.kind, planned.persistentKey);
    if (!known.has(text)) found.set(text, await inspect(plan.flow, planned, context));
  }
  return found;
}

async function inspect(flow: string, planned: PlannedExport, context: InspectContext): Promise<FoundBackend> {
  const { definition, persistentKey, name } = planned;
  // What users make, they vouch for.
  if (definition.inspect === null || planned.step.setupByUser) return "unknown";
  try {
    const state = await definition.inspect(persistentKey, context);
    return { state: (JSON.parse(JSON.stringify(state ?? null)) as Json) ?? null };
  } catch (thrown) {
    throw toSluiceError(thrown, "setup-failed", { where: { flow, target: name } });
  }
}
