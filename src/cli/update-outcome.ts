import type { UpdateInfo } from "../app/events.ts";
import { errorCodes, isSluiceError } from "../errors/index.ts";
import { type CommandContext, exitCodeOf } from "./command.ts";
import { formatError } from "./format-error.ts";
import { renderFailures, renderSummary } from "./render-summary.ts";
import { errorJson } from "./to-json.ts";

/** What came of one flow: its update info, or the error that ended its update. */
export type Outcome = { readonly flow: string } & (
  | { readonly info: UpdateInfo }
  | { readonly error: unknown; readonly info?: never }
);

export interface ShowOutcomeOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Shows what came of a flow as soon as it is known: the next one may take long. */
export function showOutcome(
  outcome: Outcome,
  { terminal }: Pick<CommandContext, "terminal">,
  options: ShowOutcomeOptions,
): void {
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

export function isInterruption(error: unknown): boolean {
  return isSluiceError(error) && error.code === "interrupted";
}

/** What came of all flows as one document. */
export function outcomesJson(outcomes: readonly Outcome[]): unknown {
  const flows = outcomes.map(({ flow, ...outcome }) =>
    outcome.info ? outcome.info : { flow, ok: false, error: errorJson(outcome.error) },
  );
  return { ok: flows.every(({ ok }) => ok), flows };
}

/**
 * The first error that ended an update says more than rows that failed in another. What is held waits for somebody,
 * so rows that fail, perhaps each time, must not hide it.
 */
export function exitCodeFor(outcomes: readonly Outcome[]): number {
  const ended = outcomes.find(({ info }) => !info);
  if (ended && !ended.info) return exitCodeOf(ended.error);
  if (outcomes.every(({ info }) => info?.ok)) return 0;
  const held = outcomes.some(({ info }) => info && info.held.length > 0);
  return errorCodes[held ? "deletions-held" : "listing-incomplete"].exitCode;
}
