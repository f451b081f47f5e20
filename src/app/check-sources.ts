import type { SourceSetupContext } from "../contracts/source-setup.ts";
import { toSluiceError } from "../errors/index.ts";
import type { Plan } from "../plan/index.ts";

/**
 * Lets each source see whether its spec fits the outside system. Changes nothing.
 *
 * @throws SluiceError what a source's `check` throws; `setup-failed` where that has no code
 */
export async function checkSources({ flow, sources }: Plan, context: SourceSetupContext): Promise<void> {
  for (const { name, definition, spec } of sources) {
    context.signal.throwIfAborted();
    try {
      await definition.check(spec, context);
    } catch (thrown) {
      throw toSluiceError(thrown, "setup-failed", { where: { flow, source: name } });
    }
  }
}
