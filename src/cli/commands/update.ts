import { isSetupNeeded } from "../../app/describe-setup.ts";
import type { Flow } from "../../app/flow.ts";
import { SluiceError } from "../../errors/index.ts";
import { applyPlanned, type PlannedSetup, planSetups, plansOf } from "../apply-setup.ts";
import { withApproval } from "../approval-command.ts";
import type { Command, CommandContext, GlobalOptions } from "../command.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { askToApply, isAgreementNeeded, isDestructive, tellPlans } from "../settle-setup.ts";
import { noProgress, showProgress } from "../show-progress.ts";
import { toJson } from "../to-json.ts";
import { exitCodeFor, type Outcome, outcomesJson, showOutcome } from "../update-outcome.ts";
import { type LeaseOptions, verbOptions } from "../verb-options.ts";
import { updateLive } from "./live-update.ts";

export interface UpdateCommandOptions extends GlobalOptions, LeaseOptions {
  readonly setup?: boolean;
  readonly force?: boolean;
  readonly reexport?: boolean;
  readonly fullReprocess?: boolean;
  readonly retryFailed?: boolean;
  readonly live?: boolean;
  readonly reset?: boolean;
  readonly allowDeletions?: true | number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Sets the flows of a file up where that is needed, then makes their targets fresh. */
export function updateCommand(target: string, options: UpdateCommandOptions): Command {
  return async (context) => {
    refuseMixed(options);
    const opened = await openFlows(target, options);
    const flows = chosenFlows(opened);
    await setUpWhereNeeded(flows, context, options);
    const work = { ...options, file: opened.file };
    if (options.live) return exitCodeFor(await updateLive(flows, context, work));
    const outcomes = await updateEach(flows, context, work);
    if (options.json) context.terminal.print(toJson(outcomesJson(outcomes)));
    return exitCodeFor(outcomes);
  };
}

type UpdateWork = UpdateCommandOptions & { readonly file: string };

async function updateEach(
  flows: readonly Flow[],
  context: CommandContext,
  work: UpdateWork,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const flow of flows) {
    const outcome = await updateOne(flow, context, work);
    outcomes.push(outcome);
    showOutcome(outcome, context, work);
    if (context.signal.aborted) break;
  }
  return outcomes;
}

/** What failed is part of everything, gone after a reset, and tried again by a live update when its time comes. */
function refuseMixed({ retryFailed, reset, fullReprocess, live }: UpdateCommandOptions): void {
  const other = reset ? "--reset" : fullReprocess ? "--full-reprocess" : live ? "--live" : null;
  if (!retryFailed || other === null) return;
  throw new SluiceError("usage", `--retry-failed cannot be used with ${other}`, {
    hint: `Leave one of them out: with ${other} alone every row runs, those that failed included.`,
  });
}

async function setUpWhereNeeded(
  flows: readonly Flow[],
  context: CommandContext,
  options: UpdateCommandOptions,
): Promise<void> {
  const planned = await planSetups(flows, options);
  const plans = plansOf(planned);
  const needed = isAgreementNeeded(plans);
  const allowed = !needed || options.force || (options.setup && !isDestructive(plans));
  if (!options.quiet || !allowed) tellPlans(plans, context);
  if (!allowed) {
    await askToApply(context, {
      message: "Set up first?",
      plans,
      refusal: () => setupNeeded(isDestructive(plans)),
    });
  }
  for (const each of planned.filter(isNeeded)) await applyPlanned(each, context, options);
}

function isNeeded({ drop, setup }: PlannedSetup): boolean {
  return drop !== null || isSetupNeeded(setup);
}

function setupNeeded(destroys: boolean): SluiceError {
  return new SluiceError("setup-needed", "the flow must be set up first", {
    hint: destroys
      ? "Data would be lost: look at the plan with `sluice setup --dry-run`, then run with --force."
      : "Run with --setup, or run `sluice setup` first.",
  });
}

async function updateOne(
  flow: Flow,
  context: CommandContext,
  { file, ...options }: UpdateWork,
): Promise<Outcome> {
  const progress = options.quiet ? noProgress : showProgress(flow.name, context.terminal);
  try {
    const info = await flow.update({
      ...verbOptions(context, flow.name, { ...options, report: progress.report }),
      reexportTargets: options.reexport ?? false,
      fullReprocess: options.fullReprocess ?? false,
      allowDeletions: options.allowDeletions ?? false,
      retryFailed: options.retryFailed ?? false,
    });
    return { flow: flow.name, info: withApproval(info, { ...options, file, flow: flow.name }) };
  } catch (error) {
    return { flow: flow.name, error };
  } finally {
    progress.close();
  }
}
