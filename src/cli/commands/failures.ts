import type { Flow } from "../../app/flow.ts";
import type { StoredFailure } from "../../app/stored-failures.ts";
import type { Command, GlobalOptions } from "../command.ts";
import { chosenFlows, openFlows } from "../open-flows.ts";
import { renderStoredFailures } from "../render-stored-failures.ts";
import { toJson } from "../to-json.ts";

export interface FailuresCommandOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** Lists what failed in earlier updates and is kept. The JSON is `{ file, flows: { flow, failures }[] }`. */
export function failuresCommand(target: string, options: FailuresCommandOptions): Command {
  return async ({ terminal }) => {
    const opened = await openFlows(target, options);
    const flows: { flow: string; failures: StoredFailure[] }[] = [];
    for (const flow of chosenFlows(opened)) flows.push({ flow: flow.name, failures: await failuresOf(flow) });
    if (options.json) {
      terminal.print(toJson({ file: opened.file, flows }));
      return 0;
    }
    const layout = { style: terminal.outStyle, columns: terminal.columns };
    for (const { flow, failures } of flows)
      for (const line of renderStoredFailures(flow, failures, layout)) terminal.print(line);
    return 0;
  };
}

async function failuresOf(flow: Flow): Promise<StoredFailure[]> {
  const failures: StoredFailure[] = [];
  for await (const failure of flow.failures()) failures.push(failure);
  return failures;
}
