import { describeSetup, type SetupPlan } from "../../app/describe-setup.ts";
import { SluiceError } from "../../errors/index.ts";
import { applyPlanned, planSetups, plansOf } from "../apply-setup.ts";
import type { Command, CommandContext, GlobalOptions } from "../command.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { askToApply, isAgreementNeeded, showPlans } from "../settle-setup.ts";
import { toJson } from "../to-json.ts";
import type { LeaseOptions } from "../verb-options.ts";

export interface SetupCommandOptions extends GlobalOptions, LeaseOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly reset?: boolean;
  readonly adopt?: boolean;
  readonly forget?: boolean;
  readonly json?: boolean;
}

/** Brings the backends of a file's flows to the state that they need. */
export function setupCommand(target: string, options: SetupCommandOptions): Command {
  return async (context) => {
    const planned = await planSetups(chosenFlows(await openFlows(target, options)), options);
    const plans = plansOf(planned);
    if (!options.json) showThem(plans, context);
    if (!options.dryRun) {
      if (isAgreementNeeded(plans) && !options.force) {
        await askToApply(context, { message: "Apply this plan?", plans, refusal: notAsked });
      }
      for (const each of planned) {
        if (each.drop || isAnythingToDo(each.setup)) await applyPlanned(each, context, options);
      }
    }
    if (options.json) context.terminal.print(toJson(document(plans, options)));
    return 0;
  };
}

function showThem(plans: readonly SetupPlan[], { terminal }: CommandContext): void {
  const shown = showPlans(plans, { style: terminal.outStyle, columns: terminal.columns });
  terminal.print(shown ?? "nothing to set up: every backend is as it should be");
}

function isAnythingToDo({ actions, recordsChange }: SetupPlan): boolean {
  return actions.length > 0 || recordsChange;
}

function document(plans: readonly SetupPlan[], { dryRun = false }: SetupCommandOptions): unknown {
  return { applied: !dryRun, plans: plans.map(describeSetup) };
}

function notAsked(): SluiceError {
  return new SluiceError("setup-refused", "the plan was not applied: nobody is there to confirm it", {
    hint: "Run it with --force to apply it without asking.",
  });
}
