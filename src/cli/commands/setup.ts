import { describeSetup, isSetupNeeded, type SetupPlan } from "../../app/describe-setup.ts";
import { SluiceError } from "../../errors/index.ts";
import { applyPlanned, type PlannedSetup, planSetups, plansOf } from "../apply-setup.ts";
import type { Command, CommandContext, GlobalOptions } from "../command.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { askToApply, isAgreementNeeded, showPlans, tellPlans } from "../settle-setup.ts";
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
    refuseContradiction(options);
    const planned = await planSetups(chosenFlows(await openFlows(target, options)), options);
    const plans = plansOf(planned);
    if (!options.json) showThem(plans, context);
    const leftBehind = options.dryRun ? [] : await apply(planned, context, options);
    if (options.json) context.terminal.print(toJson(document(plans, leftBehind, options)));
    return 0;
  };
}

function refuseContradiction({ reset, adopt }: SetupCommandOptions): void {
  if (!reset || !adopt) return;
  throw new SluiceError("usage", "--reset drops what --adopt would take over", {
    hint: "Give one of them.",
  });
}

function showThem(plans: readonly SetupPlan[], { terminal }: CommandContext): void {
  const shown = showPlans(plans, { style: terminal.outStyle, columns: terminal.columns });
  terminal.print(shown ?? "nothing to set up: every backend is as it should be");
}

/** Resolves to the descriptions of the backends that were left behind. */
async function apply(
  planned: readonly PlannedSetup[],
  context: CommandContext,
  options: SetupCommandOptions,
): Promise<string[]> {
  const plans = plansOf(planned);
  if (isAgreementNeeded(plans) && !options.force) {
    if (options.json) tellPlans(plans, context);
    await askToApply(context, { message: "Apply this plan?", plans, refusal: notAsked });
  }
  const leftBehind: string[] = [];
  for (const each of planned) {
    const { drop, setup } = each;
    // What sources need is made anew where others have removed it, which no plan can know.
    if (drop || isSetupNeeded(setup) || setup.recordsChange || setup.done.sourceSetups.length > 0)
      leftBehind.push(...(await applyPlanned(each, context, options)));
  }
  return leftBehind;
}

function document(
  plans: readonly SetupPlan[],
  leftBehind: readonly string[],
  { dryRun = false }: SetupCommandOptions,
): unknown {
  return { ok: true, applied: !dryRun, plans: plans.map(describeSetup), leftBehind };
}

function notAsked(): SluiceError {
  return new SluiceError("setup-refused", "the plan was not applied: nobody is there to confirm it", {
    hint: "Run it with --force to apply it without asking.",
  });
}
