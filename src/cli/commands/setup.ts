import { SluiceError } from "../../errors/index.ts";
import { applyPlanned, planSetups, plansOf } from "../apply-setup.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { askToApply, showPlans } from "../settle-setup.ts";
import type { LeaseOptions } from "../verb-options.ts";

export interface SetupCommandOptions extends GlobalOptions, LeaseOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly reset?: boolean;
}

/** Brings the backends of a file's flows to the state that they need. */
export function setupCommand(target: string, options: SetupCommandOptions): Command {
  return async (context) => {
    const { terminal } = context;
    const planned = await planSetups(chosenFlows(await openFlows(target, options)), options);
    const plans = plansOf(planned);
    const shown = showPlans(plans, terminal.outStyle);
    terminal.print(shown ?? "nothing to set up: every backend is as it should be");
    if (options.dryRun) return 0;
    if (shown !== null && !options.force) {
      await askToApply(context, { message: "Apply this plan?", plans, refusal: notAsked });
    }
    for (const each of planned) {
      const { drop, setup } = each;
      if (drop || setup.actions.length > 0 || setup.recordsChange) await applyPlanned(each, context, options);
    }
    return 0;
  };
}

function notAsked(): SluiceError {
  return new SluiceError("setup-refused", "the plan was not applied: nobody is there to confirm it", {
    hint: "Run it with --force to apply it without asking.",
  });
}
