import type { Flow } from "../../app/flow.ts";
import type { VerifyInfo } from "../../app/verify-flow.ts";
import { errorCodes, isSluiceError } from "../../errors/index.ts";
import { type NamedFlow, withRepairApproval } from "../approval-command.ts";
import { type Command, type CommandContext, exitCodeOf, type GlobalOptions } from "../command.ts";
import { formatError } from "../format-error.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { renderVerification, renderVerifyProblems, verifyHints } from "../render-verify.ts";
import { showProgress } from "../show-progress.ts";
import { errorJson, toJson } from "../to-json.ts";
import { type LeaseOptions, verbOptions } from "../verb-options.ts";

export interface VerifyCommandOptions extends GlobalOptions, LeaseOptions {
  readonly repair?: boolean;
  readonly allowDeletions?: true | number;
  readonly limit?: number;
  readonly json?: boolean;
}

/** How many rows of each kind are named, of each target. */
const shownFindings = 10;

/** What came of one flow: what its verification found, or the error that ended it. */
type Outcome = { readonly flow: string } & (
  | { readonly info: VerifyInfo }
  | { readonly error: unknown; readonly info?: never }
);

/** Compares what targets hold with what the store knows that they should, and repairs them where that is asked for. */
export function verifyCommand(target: string, options: VerifyCommandOptions): Command {
  return async (context) => {
    const opened = await openFlows(target, options);
    const outcomes: Outcome[] = [];
    for (const flow of chosenFlows(opened)) {
      const named = { ...options, file: opened.file, flow: flow.name };
      const outcome = await verifyOne(flow, context, named);
      outcomes.push(outcome);
      show(outcome, context, named);
      if (context.signal.aborted) break;
    }
    if (options.json) context.terminal.print(toJson(document(outcomes)));
    return exitCodeFor(outcomes);
  };
}

async function verifyOne(
  flow: Flow,
  context: CommandContext,
  options: VerifyCommandOptions & NamedFlow,
): Promise<Outcome> {
  const progress = showProgress(flow.name, context.terminal);
  try {
    const info = await flow.verify({
      ...verbOptions(context, flow.name, { ...options, report: progress.report }),
      repair: options.repair ?? false,
      allowDeletions: options.allowDeletions ?? false,
      limit: options.limit ?? shownFindings,
    });
    return { flow: flow.name, info: withRepairApproval(info, options) };
  } catch (error) {
    return { flow: flow.name, error };
  } finally {
    progress.close();
  }
}

function show(
  outcome: Outcome,
  { terminal }: CommandContext,
  options: VerifyCommandOptions & NamedFlow,
): void {
  const { errStyle, outStyle, verbose } = terminal;
  if (!outcome.info) {
    if (isSluiceError(outcome.error) && outcome.error.code === "interrupted")
      terminal.tell(`${outcome.flow}: stopped; run the command again to go on`);
    else terminal.tell(formatError(outcome.error, { style: errStyle, verbose }));
    return;
  }
  for (const line of renderVerifyProblems(outcome.info, errStyle)) terminal.tell(line);
  if (options.json) return;
  for (const line of renderVerification(outcome.info, outStyle)) terminal.print(line);
  for (const hint of verifyHints(outcome.info, options)) terminal.tell(hint);
}

function document(outcomes: readonly Outcome[]): unknown {
  const flows = outcomes.map(({ flow, ...outcome }) =>
    outcome.info ? outcome.info : { flow, ok: false, error: errorJson(outcome.error) },
  );
  return { ok: flows.every(({ ok }) => ok), flows };
}

/** The first error that ended a verification says more than rows that another found; what is held waits for somebody. */
function exitCodeFor(outcomes: readonly Outcome[]): number {
  const ended = outcomes.find(({ info }) => !info);
  if (ended && !ended.info) return exitCodeOf(ended.error);
  if (outcomes.every(({ info }) => info?.ok)) return 0;
  const held = outcomes.some(({ info }) =>
    info?.repair?.refused.some(({ error }) => error.code === "deletions-held"),
  );
  return errorCodes[held ? "deletions-held" : "read-back-failed"].exitCode;
}
