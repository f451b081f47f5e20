import type { Report } from "../../app/events.ts";
import { errorCodes } from "../../errors/index.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { displayPath } from "../display-path.ts";
import { counted } from "../format-number.ts";
import { onlyFlow, openFlows } from "../open-flows.ts";
import { printableLine } from "../printable.ts";
import { showProgress } from "../show-progress.ts";
import { fileTimestamp } from "../timestamp.ts";

export interface EvaluateCommandOptions extends GlobalOptions {
  readonly outputDir?: string;
  readonly cache?: boolean;
}

/** Writes what a flow makes of each row to files, touching no target. */
export function evaluateCommand(target: string, options: EvaluateCommandOptions): Command {
  return async ({ terminal, signal }) => {
    const flow = onlyFlow(await openFlows(target, options));
    const outputDir = options.outputDir ?? `eval_${flow.name}_${fileTimestamp(new Date())}`;
    const incomplete: string[] = [];
    const progress = showProgress(flow.name, terminal);
    const report: Report = (event) => {
      if (event.kind === "source-incomplete") incomplete.push(`${event.source}: ${event.error.message}`);
      progress.report(event);
    };
    const useCache = options.cache ?? true;
    const info = await flow
      .evaluateAndDump({ outputDir, useCache, report, signal })
      .finally(() => progress.close());
    for (const text of incomplete) {
      terminal.tell(`${terminal.errStyle("red", "the listing was incomplete:")} ${printableLine(text)}`);
    }
    const failed = info.failed === 0 ? "" : `, ${info.failed} of them failed`;
    terminal.print(
      `${flow.name}: ${counted(info.rows, "row")} written to ${displayPath(info.outputDir)}${failed}`,
    );
    return info.failed > 0 || incomplete.length > 0 ? errorCodes["listing-incomplete"].exitCode : 0;
  };
}
