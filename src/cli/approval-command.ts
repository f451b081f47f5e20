import type { HeldDeletions, UpdateInfo } from "../app/events.ts";
import type { VerifyInfo } from "../app/verify-flow.ts";
import { SluiceError } from "../errors/index.ts";
import type { EnvironmentOptions } from "./load-environment.ts";

/** A flow that a command worked on, as the command line names it. */
export interface NamedFlow extends EnvironmentOptions {
  /** The file, as it is shown. */
  readonly file: string;
  readonly flow: string;
}

/** The same info, in which deletions that are held say the command that lets them go, and no more than them. */
export function withApproval(info: UpdateInfo, updated: NamedFlow): UpdateInfo {
  if (info.held.length === 0) return info;
  const command = approvalCommand(Math.max(...info.held.map((held) => held.rows)), updated);
  const completed = ({ error, ...rest }: HeldDeletions): HeldDeletions => ({
    ...rest,
    error: withHint(error, command),
  });
  return { ...info, held: info.held.map(completed) };
}

/** The command that lets so many rows of each source go. */
export function approvalCommand(rows: number, updated: NamedFlow): string {
  return commandFor("update", updated, [`--allow-deletions=${rows}`]);
}

/** Deletions that a live update holds: it has the flow, so that it must be stopped for the command to run. */
export function withLiveApproval(held: HeldDeletions, updated: NamedFlow): HeldDeletions {
  const { code, message, where } = held.error;
  const hint = `If they are to go, stop the live update and run: ${approvalCommand(held.rows, updated)}`;
  return { ...held, error: new SluiceError(code, message, { where, hint }) };
}

/** The same for a repair that would delete too many extra rows. */
export function withRepairApproval(info: VerifyInfo, verified: NamedFlow): VerifyInfo {
  const { repair, targets } = info;
  const held = repair?.refused.filter(({ error }) => error.code === "deletions-held") ?? [];
  if (repair === null || held.length === 0) return info;
  const rows = Math.max(...held.map(({ target }) => targets[target]!.extra));
  const command = commandFor("verify", verified, ["--repair", `--allow-deletions=${rows}`]);
  const refused = repair.refused.map(({ target, error }) => ({
    target,
    error: error.code === "deletions-held" ? withHint(error, command) : error,
  }));
  return { ...info, repair: { ...repair, refused } };
}

function withHint(error: SluiceError, command: string): SluiceError {
  return new SluiceError(error.code, error.message, {
    where: error.where,
    hint: `If they are to go, run: ${command}`,
  });
}

/** The command that does more for a flow, as a shell takes it. */
export function commandFor(
  verb: string,
  { file, flow, appDir, envFile }: NamedFlow,
  options: readonly string[] = [],
): string {
  const words = ["sluice", verb, `${file}:${flow}`, ...options];
  if (appDir !== undefined) words.push("--app-dir", appDir);
  if (envFile !== undefined) words.push("--env-file", envFile);
  return words.map(quoted).join(" ");
}

/** A word as the shells of the platform take it. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === "win32" ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}
