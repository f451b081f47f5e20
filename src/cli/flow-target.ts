import { SluiceError } from "../errors/index.ts";

/** What `file[:Flow]` on the command line means. */
export interface FlowTarget {
  readonly file: string;
  /** Null: every flow of the file. */
  readonly flow: string | null;
}

/** Splits `file[:Flow]`. A file whose name has a colon wins, and the colon of a Windows drive splits nothing. */
export function parseFlowTarget(text: string, exists: (path: string) => boolean): FlowTarget {
  if (text === "") throw new SluiceError("usage", "the flow file has an empty name");
  const colon = text.lastIndexOf(":");
  const [file, flow] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon <= 0 || exists(text) || /[\\/]/.test(flow) || isDrive(file)) return { file: text, flow: null };
  if (flow === "") {
    throw new SluiceError("usage", `${text} has a colon and no flow name behind it`, {
      hint: `Write ${file}, or ${file}:FlowName.`,
    });
  }
  return { file, flow };
}

function isDrive(text: string): boolean {
  return /^[A-Za-z]$/.test(text);
}
