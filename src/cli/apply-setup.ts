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

export async function planSetups(
  flows: readonly Flow[],
  { reset = false }: { readonly reset?: boolean },
): Promise<readonly PlannedSetup[]> {
  const planned: PlannedSetup[] = [];
  for (const flow of flows) {
    const drop = reset ? await flow.planDrop() : null;
    planned.push({ flow, drop, setup: await flow.planSetup({ afterDrop: reset }) });
  }
  return planned;
}

export function plansOf(planned: readonly PlannedSetup[]): SetupPlan[] {
  return planned.flatMap(({ drop, setup }) => (drop ? [drop, setup] : [setup]));
}

/** Carries out what was shown. */
export async function applyPlanned(
  { flow, drop, setup }: PlannedSetup,
  context: CommandContext,
  options: LeaseOptions,
): Promise<void> {
  const common = verbOptions(context, flow.name, { ...options, report: tellSetup(context.terminal) });
  if (drop && isRecorded(drop)) await flow.drop(common);
  await flow.setup({ ...common, agreed: setup });
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
};

export function tellSetup(terminal: Terminal): Report {
  return (event) => {
    if (event.kind !== "setup-applied") return;
    const verb = done[event.verb as SetupVerb] ?? event.verb;
    terminal.tell(`${verb} ${event.target}: ${printableLine(event.description)}`);
  };
}
