import type { Report } from "../app/events.ts";
import type { VerbOptions } from "../app/verb-options.ts";
import type { CommandContext } from "./command.ts";
import { describeHolder } from "./describe-holder.ts";

/** What to do when another process holds the flow. */
export interface LeaseOptions {
  readonly wait?: boolean;
  readonly takeOver?: boolean;
}

/** What every verb of a flow is given; says once whom it waits for. */
export function verbOptions(
  { terminal, signal }: CommandContext,
  flow: string,
  options: LeaseOptions & { readonly report?: Report },
): VerbOptions {
  return {
    signal,
    wait: options.wait ?? false,
    takeOver: options.takeOver ?? false,
    onWait: (holder) =>
      terminal.tell(`waiting for flow ${flow}, held by ${describeHolder(holder, Date.now())}`),
    ...(options.report ? { report: options.report } : {}),
  };
}
