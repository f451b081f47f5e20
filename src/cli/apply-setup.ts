import type { SetupPlan, SetupVerb } from "../app/describe-setup.ts";
import type { Report } from "../app/events.ts";
import type { Flow } from "../app/flow.ts";
import type { CommandContext } from "./command.ts";
import { printableLine } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { type LeaseOptions, verbOptions } from "./verb-options.ts";

/** A flow with what is to happen to it. */
export interface PlannedSetup {
  readonly flow: Flow;
  /** What is dropped before; null without `--reset`. */
  readonly drop: SetupPlan | null;
  readonly setup: SetupPlan;
}

/** How a setup is planned, and carried out. */
export interface PlanningOptions {
  readonly reset?: boolean;
  readonly adopt?: boolean;
  readonly forget?: boolean;
}

export async function planSetups(
  flows: readonly Flow[],
  { reset = false, adopt = false, forget = false }: PlanningOptions,
): Promise<readonly PlannedSetup[]> {
  const planned: PlannedSetup[] = [];
  for (const flow of flows) {
    const drop = reset ? await flow.planDrop({ forget }) : null;
    planned.push({ flow, drop, setup: await flow.planSetup({ afterDrop: reset, adopt, forget }) });
  }
  return planned;
}

export function plansOf(planned: readonly PlannedSetup[]): SetupPlan[] {
  return planned.flatMap(({ drop, setup }) => (drop ? [drop, setup] : [setup]));
}

/** Carries out what was shown; resolves to the backends that were left behind, in words. */
export async function applyPlanned(
  { flow, drop, setup }: PlannedSetup,
  context: CommandContext,
  options: LeaseOptions & PlanningOptions,
): Promise<readonly string[]> {
  const { adopt = false, forget = false } = options;
  const leases = verbOptions(context, flow.name, { ...options, report: tellSetup(context.terminal) });
  const dropped = drop && isRecorded(drop) ? await flow.drop({ ...leases, forget }) : null;
  const done = await flow.setup({ ...leases, adopt, forget, agreed: setup });
  return [...(dropped?.leftBehind ?? []), ...done.leftBehind].map(({ description }) => description);
}

/** Whether the store knows anything of the flow that a drop would remove. */
export function isRecorded(drop: SetupPlan): boolean {
  return drop.staged.targets.length > 0 || drop.staged.sources.length > 0;
}

const done: Readonly<Record<SetupVerb, string>> = {
  create: "created",
  alter: "altered",
  rewrite: "altered",
  rebuild: "rebuilt",
  drop: "dropped",
  adopt: "adopted",
  release: "released",
  manage: "took over",
  forget: "left behind",
};

export function tellSetup(terminal: Terminal): Report {
  return (event) => {
    switch (event.kind) {
      case "setup-applied":
      case "source-setup-applied":
        return terminal.tell(`${done[event.verb as SetupVerb] ?? event.verb} ${aboutOf(event)}`);
      case "backend-left":
      case "source-setup-left":
        return terminal.tell(`left behind ${aboutOf(event)}: ${printableLine(event.error.message)}`);
    }
  };
}

function aboutOf(event: {
  readonly description: string;
  readonly target?: string;
  readonly source?: string;
}) {
  return `${event.target ?? `source ${event.source}`}: ${printableLine(event.description)}`;
}
