import { isSetupNeeded } from "../../app/describe-setup.ts";
import type { UpdateInfo } from "../../app/events.ts";
import type { Flow } from "../../app/flow.ts";
import { errorCodes, isSluiceError, SluiceError } from "../../errors/index.ts";
import { applyPlanned, type PlannedSetup, planSetups, plansOf } from "../apply-setup.ts";
import { withApproval } from "../approval-command.ts";
import { type Command, type CommandContext, exitCodeOf, type GlobalOptions } from "../command.ts";
import { formatError } from "../format-error.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { renderFailures, renderSummary } from "../render-summary.ts";
import { askToApply, isAgreementNeeded, isDestructive, tellPlans } from "../settle-setup.ts";
import { noProgress, showProgress } from "../show-progress.ts";
import { errorJson, toJson } from "../to-json.ts";
import { type LeaseOptions, verbOptions } from "../verb-options.ts";

export interface UpdateCommandOptions extends GlobalOptions, LeaseOptions {
  readonly setup?: boolean;
  readonly force?: boolean;
  readonly reexport?: boolean;
  readonly fullReprocess?: boolean;
  readonly retryFailed?: boolean;
  readonly reset?: boolean;
  readonly allowDeletions?: true | number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** What came of one flow: its update info, or the error that ended its update. */
type Outcome = { readonly flow: string } & (
  | { readonly info: UpdateInfo }
  | { readonly error: unknown; readonly info?: never }
);

/** Sets the flows of a file up where that is needed, then makes their targets fresh. */
export function updateCommand(target: string, options: UpdateCommandOptions): Command {
  return async (context) => {
    refuseMixed(options);
    const opened = await openFlows(target, options);
    const flows = chosenFlows(opened);
    await setUpWhereNeeded(flows, context, options);
    const outcomes: Outcome[] = [];
    for (const flow of flows) {
      const outcome = await updateOne(flow, context, { ...options, file: opened.file });
      outcomes.push(outcome);
      show(outcome, context, options);
      if (context.signal.aborted) break;
    }
    if (options.json) context.terminal.print(toJson(document(outcomes)));
    return exitCodeFor(outcomes);
  };
}

/** What failed is part of everything, and gone after a reset. */
function refuseMixed({ retryFailed, reset, fullReprocess }: UpdateCommandOptions): void {
  const other = reset ? "--reset" : fullReprocess ? "--full-reprocess" : null;
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
  { file, ...options }: UpdateCommandOptions & { readonly file: string },
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

/** Shown as soon as it is known: the next flow may take long. */
function show(outcome: Outcome, { terminal }: CommandContext, options: UpdateCommandOptions): void {
  const { errStyle, outStyle, verbose } = terminal;
  if (!outcome.info) {
    if (isInterruption(outcome.error))
      terminal.tell(`${outcome.flow}: stopped; run the command again to go on`);
    else terminal.tell(formatError(outcome.error, { style: errStyle, verbose }));
    return;
  }
  for (const line of renderFailures(outcome.info, errStyle)) terminal.tell(line);
  if (options.quiet || options.json) return;
  for (const line of renderSummary(outcome.info, outStyle, terminal.columns)) terminal.print(line);
}

function isInterruption(error: unknown): boolean {
  return isSluiceError(error) && error.code === "interrupted";
}

function document(outcomes: readonly Outcome[]): unknown {
  const flows = outcomes.map(({ flow, ...outcome }) =>
    outcome.info ? outcome.info : { flow, ok: false, error: errorJson(outcome.error) },
  );
  return { ok: flows.every(({ ok }) => ok), flows };
}

/**
 * The first error that ended an update says more than rows that failed in another. What is held waits for somebody,
 * so rows that fail, perhaps each time, must not hide it.
 */
function exitCodeFor(outcomes: readonly Outcome[]): number {
  const ended = outcomes.find(({ info }) => !info);
  if (ended && !ended.info) return exitCodeOf(ended.error);
  if (outcomes.every(({ info }) => info?.ok)) return 0;
  const held = outcomes.some(({ info }) => info && info.held.length > 0);
  return errorCodes[held ? "deletions-held" : "listing-incomplete"].exitCode;
}
