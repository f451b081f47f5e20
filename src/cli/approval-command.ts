import type { HeldDeletions, UpdateInfo } from "../app/events.ts";
import { SluiceError } from "../errors/index.ts";
import type { EnvironmentOptions } from "./load-environment.ts";

/** What was updated, as the command line names it. */
export interface UpdatedFlow extends EnvironmentOptions {
  /** The file, as it is shown. */
  readonly file: string;
  readonly flow: string;
}

/** The same info, in which deletions that are held say the command that lets them go, and no more than them. */
export function withApproval(info: UpdateInfo, updated: UpdatedFlow): UpdateInfo {
  if (info.held.length === 0) return info;
  const command = approvalCommand(updated, Math.max(...info.held.map(({ rows }) => rows)));
  const completed = ({ error, ...rest }: HeldDeletions): HeldDeletions => ({
    ...rest,
    error: new SluiceError(error.code, error.message, {
      where: error.where,
      hint: `If they are to go, run: ${command}`,
    }),
  });
  return { ...info, held: info.held.map(completed) };
}

function approvalCommand({ file, flow, appDir, envFile }: UpdatedFlow, rows: number): string {
  const words = ["sluice", "update", `${file}:${flow}`, `--allow-deletions=${rows}`];
  if (appDir !== undefined) words.push("--app-dir", appDir);
  if (envFile !== undefined) words.push("--env-file", envFile);
  return words.map(quoted).join(" ");
}

/** A word as the shells of the platform take it. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === "win32" ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}
