import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command as CommanderCommand, InvalidArgumentError } from "commander";
import { ownPackage } from "../app/own-directory.ts";
import type { Command, GlobalOptions, JsonOptions } from "./command.ts";
import { anyNumber } from "./spell-out-options.ts";

/**
 * The command line as data. What a command does is imported when it runs, so that `--help` and mistakes are
 * answered at once.
 */
export function buildProgram(): CommanderCommand {
  const program = new CommanderCommand("sluice")
    .description("Keeps targets in step with their sources, doing only the work that a change demands.")
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .option("--env-file <file>", "environment variables to load (default: .env in the app directory)")
    .option("--app-dir <directory>", "what relative paths and the store resolve against")
    .option("--verbose", "print stack traces")
    .showSuggestionAfterError(true)
    .addHelpText("after", helpText);
  addReading(program);
  addWriting(program);
  return program;
}

const fileArgument = "file that defines flows, in TypeScript or JavaScript; file:Flow for one of them";

function addReading(program: CommanderCommand): void {
  program
    .command("ls")
    .summary("list the flows of a file, or of the store")
    .description(
      "Lists the flows of a file with their setup status, or those that the store of this directory's project knows.",
    )
    .argument("[file]", fileArgument)
    .option("--json", "print JSON")
    .action((target: string | undefined, ...rest) =>
      run(rest, async (options) => (await import("./commands/ls.ts")).lsCommand(target, options)),
    );
  program
    .command("show")
    .summary("show what a flow is made of")
    .description("Shows the sources, steps, types and exports of flows.")
    .argument("<file>", fileArgument)
    .option("--json", "print JSON")
    .action((target: string, ...rest) =>
      run(rest, async (options) => (await import("./commands/show.ts")).showCommand(target, options)),
    );
  program
    .command("failures")
    .summary("list what failed in earlier updates")
    .description(
      "Lists the rows that failed and target rows that could not be deleted, with cause, attempts and times.",
    )
    .argument("<file>", fileArgument)
    .option("--json", "print JSON")
    .action((target: string, ...rest) =>
      run(rest, async (options) => (await import("./commands/failures.ts")).failuresCommand(target, options)),
    );
  program
    .command("explain")
    .summary("tell why a row ran, or where a target row comes from")
    .description(
      "Tells when and why a source's row last ran, what that called and wrote, and how the row stands; with --target, which row a target's row comes from.",
    )
    .argument("<file>", fileArgument)
    .argument("[key]", "the row's key, as other commands print it")
    .option("--source <name>", "only the row of this source")
    .option("--target <name>", "the key is that of a row of this export's target")
    .option("--json", "print JSON")
    .action((target: string, key: string | undefined, ...rest) =>
      run(rest, async (options) =>
        (await import("./commands/explain.ts")).explainCommand(target, key, options),
      ),
    );
  program
    .command("query")
    .summary("ask a query handler of a flow")
    .description("Asks a query handler of a flow and prints its results, best first.")
    .argument("<file>", fileArgument)
    .argument("[name]", "the query handler; may be left out where the flow has one")
    .argument("[text]", "what to ask for; - reads it from standard input")
    .option("--limit <n>", "how many results to print at most", numberOfResults)
    .option("--json", "print JSON")
    .action((target: string, name: string | undefined, text: string | undefined, ...rest) =>
      run(rest, async (options) =>
        (await import("./commands/query.ts")).queryCommand(target, [name, text], options),
      ),
    );
  program
    .command("evaluate")
    .summary("write what a flow makes of each row to files")
    .description(
      "Runs the transformations and writes what they yield to one YAML file a row, touching no target.",
    )
    .argument("<file>", fileArgument)
    .option("--output-dir <directory>", "where the files go (default: eval_<flow>_<timestamp>)")
    .option("--no-cache", "compute everything, cached results included")
    .action((target: string, ...rest) =>
      run(rest, async (options) => (await import("./commands/evaluate.ts")).evaluateCommand(target, options)),
    );
}

function addWriting(program: CommanderCommand): void {
  program
    .command("setup")
    .summary("create and change the backends that flows need")
    .description("Shows what must be created, changed or dropped for the flows, asks, and does it.")
    .argument("<file>", fileArgument)
    .option("--force", "do not ask")
    .option("--dry-run", "only show the plan")
    .option("--reset", "drop everything first")
    .option("--adopt", "take over backends that are there already, after a lost store")
    .option("--forget", forgetText)
    .option("--json", "print the plan as JSON")
    .option("--wait", waitText)
    .option("--take-over", takeOverText)
    .action((target: string, ...rest) =>
      run(rest, async (options) => (await import("./commands/setup.ts")).setupCommand(target, options)),
    );
  program
    .command("update")
    .summary("make targets as fresh as their sources")
    .description("Sets up first where that is needed, asking; then does the work that changes demand.")
    .argument("<file>", fileArgument)
    .option("-L, --live", "then follow the sources, until stopped")
    .option("--setup", "set up without asking, as long as nothing is destroyed")
    .option("--force", "set up without asking, whatever it destroys")
    .option("--reexport", "write every target row again")
    .option("--full-reprocess", "compute everything again, cached results included")
    .option("--retry-failed", "run only what failed before")
    .option("--reset", "drop everything first")
    .option("--allow-deletions [n]", allowDeletionsText, numberOfDeletions)
    .option("--quiet", "print nothing but failures")
    .option("--json", "print what the update did as JSON; with --live, what happens as lines of JSON")
    .option("--wait", waitText)
    .option("--take-over", takeOverText)
    .action((target: string, ...rest) =>
      run(rest, async (options) => (await import("./commands/update.ts")).updateCommand(target, options)),
    );
  program
    .command("verify")
    .summary("compare what targets hold with what they should")
    .description(
      "Reads back what targets hold and names the rows that are missing, extra, different or pending; repairs them where that is asked for.",
    )
    .argument("<file>", fileArgument)
    .option("--repair", "write or delete just these rows")
    .option("--allow-deletions [n]", allowExtrasText, numberOfDeletions)
    .option("--limit <n>", "how many rows of each kind are named (default: 10)", numberOfRows)
    .option("--json", "print what was found as JSON")
    .option("--wait", waitText)
    .option("--take-over", takeOverText)
    .action((target: string, ...rest) =>
      run(rest, async (options) => (await import("./commands/verify.ts")).verifyCommand(target, options)),
    );
  program
    .command("drop")
    .summary("remove everything that flows own")
    .description("Shows what flows own, asks, and removes it with all that is stored for them.")
    .argument("<file>", fileArgument)
    .argument(
      "[flows...]",
      "flows to drop, also ones that the file defines no more (default: all of the file)",
    )
    .option("--force", "do not ask")
    .option("--forget", forgetText)
    .option("--wait", waitText)
    .option("--take-over", takeOverText)
    .action((target: string, names: readonly string[], ...rest) =>
      run(rest, async (options) => (await import("./commands/drop.ts")).dropCommand(target, names, options)),
    );
}

const forgetText = "let go of backends that cannot be dropped, and tell which are left behind";
const waitText = "wait while another process works on the flow";
const allowDeletionsText = "delete what would be held for approval: of each source n rows, or any number";
const allowExtrasText =
  "with --repair: delete what would be held for approval, of each target n rows, or any number";
const takeOverText = "take the flow from a process elsewhere that is gone for good";

function numberOfDeletions(text: string): number | true {
  return text === anyNumber ? true : numberOfRows(text);
}

function numberOfRows(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError("It is a number of rows.");
}

function numberOfResults(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError("It is a number of results, at least 1.");
}

/** Commander hands the options and then the command to an action, behind its arguments. */
async function run(
  rest: readonly unknown[],
  load: (options: GlobalOptions) => Promise<Command>,
): Promise<never> {
  const command = rest.at(-1) as CommanderCommand;
  const options: GlobalOptions & JsonOptions = command.optsWithGlobals();
  const { runCommand } = await import("./command.ts");
  return runCommand(options, () => load(options));
}

function version(): string {
  const text = readFileSync(join(ownPackage(), "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

const helpText = `
Exit codes:
  0  done
  1  rows failed, a listing was incomplete, a query failed, or verify found a target not as it should be
  2  the command line, the flow file or a definition is wrong
  3  setup is needed, or was refused
  4  deletions are held for approval, whether or not rows failed too
  5  another process works on the flow
  6  the store or Sluice itself failed
  130  interrupted

Examples:
  $ sluice ls flows.ts
  $ sluice setup flows.ts --dry-run
  $ sluice update flows.ts:Docs --setup
  $ sluice update flows.ts --live
  $ sluice verify flows.ts:Docs --repair
  $ sluice explain flows.ts:Docs notes/shopping.md
  $ sluice query flows.ts:Docs search "how are rows deleted?"`;
