import type { SourceSetupContext } from "../contracts/source-setup.ts";
import { toSluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";
import type { SetupPlan } from "../setup/index.ts";

/**
 * Brings what sources need, and what is recorded as it should be, to that very state once more: others may have
 * removed it, and what is a trigger or a subscription is made in no time.
 */
export async function renewSourceSetups(
  { flow, sources }: Plan,
  { sourceActions }: SetupPlan,
  context: SourceSetupContext,
): Promise<void> {
  const done = new Set(sourceActions.map(({ name }) => name));
  for (const { name, setup } of sources) {
    if (setup === null || done.has(name)) continue;
    context.signal.throwIfAborted();
    const { definition, key, state } = setup;
    try {
      await definition.applySetupChange({ key, previous: state, current: state }, context);
    } catch (thrown) {
      throw toSluiceError(thrown, "setup-failed", { where: { flow, source: name } });
    }
  }
}
