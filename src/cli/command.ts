import { errorCodes, isSluiceError } from "../errors/index.ts";
import { formatError } from "./format-error.ts";
import { Interruption } from "./interruption.ts";
import type { EnvironmentOptions } from "./load-environment.ts";
import { drainOutput, openTerminal, type Terminal } from "./terminal.ts";
import { errorJson, toJson, toJsonLine } from "./to-json.ts";

/** Options that every command takes. */
export interface GlobalOptions extends EnvironmentOptions {
  readonly verbose?: boolean;
}

/** What is printed for a script. */
export interface JsonOptions {
  readonly json?: boolean;
  /** It is lines, the last of which says how it ended. */
  readonly live?: boolean;
}

export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The work of a command; resolves to the exit code. */
export type Command = (context: CommandContext) => Promise<number>;

/** Runs a command to its exit code, with its errors shown. */
export async function runCommand(
  options: GlobalOptions & JsonOptions,
  load: () => Promise<Command>,
): Promise<never> {
  const { SLUICE_DEBUG: debug } = process.env;
  const terminal = openTerminal({
    verbose: options.verbose === true || (debug !== undefined && debug !== "0"),
  });
  const interruption = new Interruption(terminal);
  const strays = watchStrays(terminal);
  let exitCode: number;
  try {
    const command = await load();
    exitCode = await command({ terminal, signal: interruption.signal });
    if (interruption.signal.aborted) exitCode = errorCodes.interrupted.exitCode;
  } catch (thrown) {
    exitCode = showFailure(thrown, terminal, options);
  }
  interruption.end();
  if (exitCode === 0 && strays.seen()) exitCode = errorCodes.internal.exitCode;
  await drainOutput();
  // What user code left open, such as a connection pool, must not keep a finished command alive.
  process.exit(exitCode);
}

/** Shows an error; the exit code that it has. */
export function showFailure(thrown: unknown, terminal: Terminal, { json, live }: JsonOptions): number {
  if (isSluiceError(thrown) && thrown.code === "interrupted") {
    terminal.tell("stopped; run the command again to go on");
  } else {
    terminal.tell(formatError(thrown, { style: terminal.errStyle, verbose: terminal.verbose }));
    if (!isSluiceError(thrown) && !terminal.verbose)
      terminal.tell("hint: run with --verbose for a stack trace");
  }
  if (json) terminal.print(failureJson(thrown, live === true));
  return exitCodeOf(thrown);
}

function failureJson(thrown: unknown, asLine: boolean): string {
  const failure = { ok: false, error: errorJson(thrown) };
  if (!asLine) return toJson(failure);
  return toJsonLine({ at: new Date().toISOString(), kind: "ended", stopped: false, ...failure });
}

export function exitCodeOf(thrown: unknown): number {
  return isSluiceError(thrown) ? errorCodes[thrown.code].exitCode : errorCodes.internal.exitCode;
}

/**
 * A promise of user code that rejects with nobody waiting for it says nothing of the other rows, so they go on,
 * and the command ends with an error. An exception that nobody catches leaves user code in a state that nobody
 * knows: it ends the process, which the next run can stand.
 */
function watchStrays(terminal: Terminal): { seen(): boolean } {
  let seen = false;
  const show = (what: string, thrown: unknown) => {
    terminal.tell(formatError(thrown, { style: terminal.errStyle, verbose: terminal.verbose }));
    terminal.tell(`  (${what})`);
  };
  process.on("unhandledRejection", (reason) => {
    seen = true;
    show("a promise was rejected that nothing awaits", reason);
  });
  process.on("uncaughtException", (error) => {
    show("nothing caught it, so the command stopped; run it again to go on", error);
    process.exit(errorCodes.internal.exitCode);
  });
  return { seen: () => seen };
}
