import { formatPlace, isSluiceError, messageOf, type SluiceError } from "../errors/index.ts";
import { displayPath } from "./display-path.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { type Frame, userFrame } from "./user-frame.ts";

export interface FormatErrorOptions {
  readonly style: Style;
  /** With stack traces, those of causes included. */
  readonly verbose: boolean;
}

/** An error as people read it: what happened, where, what to do. */
export function formatError(thrown: unknown, { style, verbose }: FormatErrorOptions): string {
  const lines = [`${style("red", "error:")} ${printable(messageOf(thrown))}`];
  const place = isSluiceError(thrown) ? formatPlace(thrown.where) : "";
  if (place !== "") lines.push(`  in ${printable(place)}`);
  const code = codePlace(thrown);
  if (code !== null) lines.push(`  at ${code}`);
  if (isSluiceError(thrown) && thrown.hint !== undefined)
    lines.push(`${style("cyan", "hint:")} ${thrown.hint}`);
  if (verbose) lines.push(...stackLines(thrown).map((line) => style("dim", line)));
  return lines.join("\n");
}

/** Where in the user's code a definition or a function went wrong; null where the message says it or nothing does. */
function codePlace(thrown: unknown): string | null {
  if (isSluiceError(thrown) && thrown.code === "file-invalid") return null;
  const frame = (isSluiceError(thrown) ? userFrame(thrown.cause) : null) ?? userFrame(thrown);
  return frame && formatFrame(frame);
}

/** Where the code of a row's failure stands, for a line of its own. */
export function causePlace(error: SluiceError): string | null {
  const frame = userFrame(error.cause);
  return frame && formatFrame(frame);
}

/** Without the column, which is that of the compiled code. */
function formatFrame({ file, line }: Frame): string {
  return `${displayPath(file)}:${line}`;
}

function stackLines(thrown: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let error: unknown = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    seen.add(error);
    const stack = error.stack ?? String(error);
    lines.push(...(lines.length === 0 ? stack : `caused by: ${stack}`).split("\n"));
  }
  return lines;
}
