import type { Flow } from "../../app/flow.ts";
import { withApproval } from "../approval-command.ts";
import type { CommandContext, GlobalOptions } from "../command.ts";
import type { LiveFlowShow } from "../live-flow-show.ts";
import { LiveShow } from "../live-show.ts";
import type { Outcome } from "../update-outcome.ts";
import { type LeaseOptions, verbOptions } from "../verb-options.ts";

export interface LiveCommandOptions extends GlobalOptions, LeaseOptions {
  /** The file, as it is shown. */
  readonly file: string;
  readonly reexport?: boolean;
  readonly fullReprocess?: boolean;
  readonly allowDeletions?: true | number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Keeps the targets of flows in step, side by side, until they are stopped or none can be followed. */
export async function updateLive(
  flows: readonly Flow[],
  context: CommandContext,
  options: LiveCommandOptions,
): Promise<readonly Outcome[]> {
  const { terminal, signal } = context;
  const show = new LiveShow({
    terminal,
    signal,
    quiet: options.quiet ?? false,
    json: options.json ?? false,
  });
  try {
    return await Promise.all(
      flows.map((flow) => {
        const shown = show.flow({ ...options, flow: flow.name });
        return followOne(flow, shown, { context, options });
      }),
    );
  } finally {
    show.close();
  }
}

interface FollowWork {
  readonly context: CommandContext;
  readonly options: LiveCommandOptions;
}

/** One that fails is told, and does not stop the others. */
async function followOne(
  flow: Flow,
  shown: LiveFlowShow,
  { context, options }: FollowWork,
): Promise<Outcome> {
  const outcome = await outcomeOf(flow, shown, { context, options });
  shown.end(outcome);
  return outcome;
}

async function outcomeOf(
  flow: Flow,
  shown: LiveFlowShow,
  { context, options }: FollowWork,
): Promise<Outcome> {
  const { name } = flow;
  try {
    const updater = flow.liveUpdate({
      ...verbOptions(context, name, { ...options, report: shown.report }),
      reexportTargets: options.reexport ?? false,
      fullReprocess: options.fullReprocess ?? false,
      allowDeletions: options.allowDeletions ?? false,
    });
    shown.follow(() => updater.updateStats());
    const info = await updater.wait();
    return { flow: name, info: withApproval(info, { ...options, flow: name }) };
  } catch (error) {
    return { flow: name, error };
  }
}
