import { describeSetup, isSetupNeeded, type SetupPlan } from "../app/describe-setup.ts";
import { SluiceError } from "../errors/index.ts";
import type { CommandContext } from "./command.ts";
import { confirm } from "./confirm.ts";
import { type RenderSetupOptions, renderSetup } from "./render-setup.ts";

/** The plans as text; null where there is nothing to show. */
export function showPlans(plans: readonly SetupPlan[], options: RenderSetupOptions): string | null {
  const described = plans
    .map(describeSetup)
    .filter(
      ({ actions, sourceActions, sources }) => actions.length + sourceActions.length + sources.length > 0,
    );
  return described.length === 0
    ? null
    : described.map((plan) => renderSetup(plan, options).join("\n")).join("\n");
}

/** Shows the plans as a message, where there is something to show. */
export function tellPlans(plans: readonly SetupPlan[], { terminal }: CommandContext): void {
  const shown = showPlans(plans, { style: terminal.errStyle, columns: terminal.errColumns });
  if (shown !== null) terminal.tell(shown);
}

/** Whether somebody has to agree to what the plans do. */
export function isAgreementNeeded(plans: readonly SetupPlan[]): boolean {
  return plans.some(isSetupNeeded);
}

export function isDestructive(plans: readonly SetupPlan[]): boolean {
  return plans.some((plan) => describeSetup(plan).destroys);
}

export interface Question {
  readonly message: string;
  readonly plans: readonly SetupPlan[];
  /** What to say to a script, which cannot be asked. */
  readonly refusal: () => SluiceError;
}

/** Asks whether plans that were shown are to be carried out; throws where they are not. */
export async function askToApply(
  { terminal, signal }: CommandContext,
  { message, plans, refusal }: Question,
): Promise<void> {
  if (!terminal.interactive) throw refusal();
  const agreed = await confirm(message, { likely: !isDestructive(plans), signal });
  if (!agreed) {
    throw new SluiceError("setup-refused", "nothing was changed: the plan was not confirmed");
  }
}
