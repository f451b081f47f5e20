import type { CommanderError } from "commander";
import { errorCodes } from "../errors/index.ts";

/** What Commander says of a wrong command line, as our errors read: one line and a hint. */
export function formatUsageError({ message }: CommanderError): string {
  const [first = "", ...rest] = message.split("\n");
  const suggestion = /\(Did you mean (.*)\?\)/.exec(rest.join(" "))?.[1];
  const hint =
    suggestion === undefined ? "Run it with --help to see what it takes." : `Did you mean ${suggestion}?`;
  return `error: ${first.replace(/^error: /, "")}\nhint: ${hint}\n`;
}

export const usageExitCode = errorCodes.usage.exitCode;
