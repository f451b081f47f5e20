import { styleText } from "node:util";

export type Format = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours a text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

export const plainStyle: Style = (_format, text) => text;

const coloured: Style = (format, text) => styleText(format, text, { validateStream: false });

export interface Stream {
  readonly isTTY?: boolean;
}

/** The style for a stream: `FORCE_COLOR`, then `NO_COLOR`, then whether it is a terminal. */
export function styleFor(stream: Stream, env: Readonly<Record<string, string | undefined>>): Style {
  return takesColour(stream, env) ? coloured : plainStyle;
}

function takesColour(stream: Stream, env: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: unwanted, TERM: terminal } = env;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if (unwanted !== undefined && unwanted !== "") return false;
  return stream.isTTY === true && terminal !== "dumb";
}
