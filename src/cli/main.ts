#!/usr/bin/env node
import { type Command as CommanderCommand, CommanderError } from "commander";
import { buildProgram } from "./program.ts";
import { spellOutOptions } from "./spell-out-options.ts";
import { formatUsageError, usageExitCode } from "./usage-error.ts";

// A reader that has seen enough, such as `head`, is no reason to leave work half done: what follows is not shown.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
  });
}

const program = buildProgram();
for (const command of [program, ...program.commands]) answerMistakes(command);

try {
  await program.parseAsync(spellOutOptions(process.argv.slice(2)), { from: "user" });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
}

function answerMistakes(command: CommanderCommand): void {
  command.exitOverride((error) => {
    const isMistake = error.exitCode !== 0 && error.code !== "commander.help";
    if (isMistake) process.stderr.write(formatUsageError(error));
    throw error;
  });
  command.configureOutput({ outputError: () => {} });
}
