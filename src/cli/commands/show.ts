import { describeFlow } from "../../app/describe-flow.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { renderFlow } from "../render-flow.ts";
import { toJson } from "../to-json.ts";

export interface ShowCommandOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** Shows what flows are made of. The JSON is `{ file, flows: FlowDescription[] }`. */
export function showCommand(target: string, options: ShowCommandOptions): Command {
  return async ({ terminal }) => {
    const opened = await openFlows(target, options);
    const flows = chosenFlows(opened).map(describeFlow);
    if (options.json) terminal.print(toJson({ file: opened.file, flows }));
    else terminal.print(flows.map((flow) => renderFlow(flow, terminal.outStyle).join("\n")).join("\n\n"));
    return 0;
  };
}
