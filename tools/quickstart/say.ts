import { styleFor } from "../../src/cli/style.ts";

/** As many columns as everything that is shown fits into. */
export const columns = 80;

export const style = styleFor(process.stdout, process.env);

/** Prints lines of at most 80 columns; what goes on is indented. */
export function say(text: string): void {
  const cut = text.length > columns ? text.lastIndexOf(" ", columns) : -1;
  console.log(cut > 0 ? `${text.slice(0, cut)}\n    ${text.slice(cut + 1)}` : text);
}

/** What is not as it should be. */
export const problems: string[] = [];

/** Notes each number that is not as expected. */
export function expectNumbers(done: Readonly<Record<string, number>>, expected: typeof done): void {
  for (const [name, wanted] of Object.entries(expected)) {
    if (done[name] !== wanted) problems.push(`${done[name]} ${name}, not ${wanted}`);
  }
}
