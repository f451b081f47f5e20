import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ownDirectory } from "../app/own-directory.ts";

/** A position in a file of the user's. */
export interface Frame {
  readonly file: string;
  readonly line: number;
}

/** The first place in the user's own code that a stack trace goes through; null where there is none. */
export function userFrame(error: unknown): Frame | null {
  const stack = (error as { readonly stack?: unknown } | null)?.stack;
  if (typeof stack !== "string") return null;
  for (const line of stack.split("\n")) {
    const frame = /^\s+at /.test(line) ? frameOf(line) : null;
    if (frame && isUserFile(frame.file)) return frame;
  }
  return null;
}

function frameOf(line: string): Frame | null {
  const found = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):\d+\)?$/.exec(line);
  if (!found) return null;
  return { file: filePath(found[1]!), line: Number(found[2]) };
}

export function filePath(fileOrUrl: string): string {
  if (!fileOrUrl.startsWith("file:")) return fileOrUrl;
  try {
    return fileURLToPath(fileOrUrl.replace(/[?#].*$/, ""));
  } catch {
    return fileOrUrl;
  }
}

function isUserFile(file: string): boolean {
  return !file.startsWith(ownDirectory() + sep) && !/[\\/]node_modules[\\/]/.test(file);
}
