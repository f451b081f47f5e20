import { SluiceError } from "../errors/index.ts";

export interface ConfirmOptions {
  readonly likely: boolean;
  readonly signal: AbortSignal;
}

/** Asks yes or no on the terminal. Ctrl-C is neither: it interrupts. */
export async function confirm(message: string, { likely, signal }: ConfirmOptions): Promise<boolean> {
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message, initialValue: likely, signal, output: process.stderr });
  if (prompts.isCancel(answer)) throw new SluiceError("interrupted", "stopped on request");
  return answer;
}
