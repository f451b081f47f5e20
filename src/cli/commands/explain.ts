import type { Flow } from "../../app/flow.ts";
import { SluiceError } from "../../errors/index.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { onlyFlow, openFlows } from "../open-flows.ts";
import { type ExplanationView, renderRowExplanation, renderTargetRow } from "../render-explanation.ts";
import { toJson } from "../to-json.ts";

export interface ExplainCommandOptions extends GlobalOptions {
  readonly source?: string;
  readonly target?: string;
  readonly json?: boolean;
}

/**
 * Tells why a row ran and what that did, or where a target row comes from. The JSON is `{ rows: RowExplanation[] }`,
 * or `{ row: TargetRowExplanation }`.
 */
export function explainCommand(
  file: string,
  key: string | undefined,
  options: ExplainCommandOptions,
): Command {
  return async ({ terminal }) => {
    if (key === undefined) throw keyMissing(file, options);
    if (options.source !== undefined && options.target !== undefined) throw sourceAndTarget();
    const flow = onlyFlow(await openFlows(file, options));
    const { outStyle: style, columns } = terminal;
    const found = await explain(flow, key, options);
    if (options.json) terminal.print(toJson(found.json));
    else terminal.print(found.lines({ style, columns, now: Date.now() }).join("\n"));
    return 0;
  };
}

interface Found {
  readonly json: unknown;
  lines(view: ExplanationView): string[];
}

async function explain(flow: Flow, key: string, { source, target }: ExplainCommandOptions): Promise<Found> {
  if (target !== undefined) {
    const row = await flow.explainTarget(target, key);
    return { json: { row }, lines: (view) => renderTargetRow(row, view) };
  }
  const rows = await flow.explain(key, source === undefined ? {} : { source });
  const lines = (view: ExplanationView) =>
    rows.flatMap((row, index) => [...(index === 0 ? [] : [""]), ...renderRowExplanation(row, view)]);
  return { json: { rows }, lines };
}

function keyMissing(file: string, { target }: ExplainCommandOptions): SluiceError {
  const example =
    target === undefined ? `sluice explain ${file} KEY` : `sluice explain ${file} --target ${target} KEY`;
  return new SluiceError("usage", "explain needs the key of a row", {
    hint: `Write ${example}, with the key as other commands print it.`,
  });
}

function sourceAndTarget(): SluiceError {
  return new SluiceError("usage", "--source and --target were both given", {
    hint: "Give --source for the key of a source row, --target for that of a target row.",
  });
}
