import { flowNamed } from "../../app/choose-flows.ts";
import type { SetupPlan } from "../../app/describe-setup.ts";
import type { Flow } from "../../app/flow.ts";
import { dropStoredFlow, planStoredDrop } from "../../app/stored-flows.ts";
import type { VerbOptions } from "../../app/verb-options.ts";
import { SluiceError } from "../../errors/index.ts";
import { isRecorded, tellSetup } from "../apply-setup.ts";
import type { Command, CommandContext, GlobalOptions } from "../command.ts";
import { chosenFlows, type OpenedFlows, openFlows } from "../open-flows.ts";
import { askToApply, showPlans } from "../settle-setup.ts";
import { type LeaseOptions, verbOptions } from "../verb-options.ts";

export interface DropCommandOptions extends GlobalOptions, LeaseOptions {
  readonly force?: boolean;
  readonly forget?: boolean;
}

/** A flow to drop: one of the file, or one that left the code and is in the store still. */
interface Dropping {
  readonly name: string;
  readonly plan: SetupPlan;
  drop(options: VerbOptions): Promise<unknown>;
}

/** Removes everything that flows own. */
export function dropCommand(target: string, names: readonly string[], options: DropCommandOptions): Command {
  return async (context) => {
    const { terminal } = context;
    const droppings = await chooseDroppings(await openFlows(target, options), names, options);
    const recorded = droppings.filter(({ plan }) => isRecorded(plan));
    if (recorded.length === 0) {
      terminal.print("nothing to drop: the store knows nothing of these flows");
      return 0;
    }
    const plans = recorded.map(({ plan }) => plan);
    terminal.print(
      showPlans(plans, { style: terminal.outStyle, columns: terminal.columns }) ??
        `no backend to drop, only what is stored of ${namesOf(recorded)}`,
    );
    if (!options.force) {
      await askToApply(context, { message: `Drop ${namesOf(recorded)}?`, plans, refusal: notAsked });
    }
    for (const dropping of recorded) await dropOne(dropping, context, options);
    return 0;
  };
}

async function chooseDroppings(
  opened: OpenedFlows,
  names: readonly string[],
  { forget = false }: DropCommandOptions,
): Promise<Dropping[]> {
  if (names.length === 0) return Promise.all(chosenFlows(opened).map((flow) => droppingOf(flow, forget)));
  if (opened.named) {
    throw new SluiceError("usage", "flows are named twice: behind the file, and after it", {
      hint: `Write: sluice drop ${opened.file} ${opened.named.name} ${names.join(" ")}`,
    });
  }
  return Promise.all([...new Set(names)].map((name) => droppingNamed(name, opened, forget)));
}

async function droppingNamed(name: string, { flows, file }: OpenedFlows, forget: boolean): Promise<Dropping> {
  const defined = flows.find((flow) => flow.name === name);
  if (defined) return droppingOf(defined, forget);
  const { settings } = flows[0]!;
  const plan = await planStoredDrop(name, settings, { forget });
  // Says that there is no such flow, and which there are.
  if (plan === null) return droppingOf(flowNamed(name, flows, file), forget);
  return { name, plan, drop: (options) => dropStoredFlow(name, settings, { ...options, forget }) };
}

async function droppingOf(flow: Flow, forget: boolean): Promise<Dropping> {
  return {
    name: flow.name,
    plan: await flow.planDrop({ forget }),
    drop: (options) => flow.drop({ ...options, forget }),
  };
}

async function dropOne(
  { name, drop }: Dropping,
  context: CommandContext,
  options: DropCommandOptions,
): Promise<void> {
  const report = tellSetup(context.terminal);
  await drop(verbOptions(context, name, { ...options, report }));
  context.terminal.print(`dropped flow ${name}`);
}

function namesOf(droppings: readonly Dropping[]): string {
  return droppings.map(({ name }) => name).join(", ");
}

function notAsked(): SluiceError {
  return new SluiceError("setup-refused", "nothing was dropped: nobody is there to confirm it", {
    hint: "Run it with --force to drop without asking.",
  });
}
