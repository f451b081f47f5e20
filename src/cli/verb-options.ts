import type { Report } from "../app/events.ts";
import type { VerbOptions } from "../app/verb-options.ts";
import type { CommandContext } from "./command.ts";
import { describeHolder } from "./describe-holder.ts";

/** What every verb of a flow is given; says once whom it waits for. */
export function verbOptions(
  { terminal, signal }: CommandContext,
  flow: string,
  options: { readonly wait?: boolean; readonly report?: Report },
): VerbOptions {
  return {
    signal,
    wait: options.wait ?? false,
    onWait: (holder) =>
      terminal.tell(`waiting for flow ${flow}, held by ${describeHolder(holder, Date.now())}`),
    ...(options.report ? { report: options.report } : {}),
  };
}
