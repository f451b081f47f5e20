import { SluiceError } from "../errors/index.ts";

/** Asks yes or no on the terminal. Ctrl-C is neither: it interrupts. */
export async function confirm(message: string, { likely }: { readonly likely: boolean }): Promise<boolean> {
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message, initialValue: likely, output: process.stderr });
  if (prompts.isCancel(answer)) throw new SluiceError("interrupted", "stopped on request");
  return answer;
}
