import { readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { SluiceError } from "../errors/index.ts";
import { displayPath } from "./display-path.ts";

const extensions: readonly string[] = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];

/** The absolute path of a flow file that is there and is of a kind that can be loaded. */
export function findFlowFile(file: string): string {
  const path = resolve(file);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    throw new SluiceError("file-not-found", `there is no file ${file}`, { hint: likelyFile(path) });
  }
  if (stats.isDirectory()) {
    throw new SluiceError("file-not-found", `${file} is a directory`, {
      hint: `Name a file that defines flows, such as ${displayPath(join(path, "flows.ts"))}.`,
    });
  }
  if (!extensions.includes(extname(path))) {
    throw new SluiceError("file-invalid", `${file} is neither TypeScript nor JavaScript`, {
      hint: `A flow file ends in ${extensions.join(", ")}.`,
    });
  }
  return path;
}

export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The file that was probably meant: the same name with another ending. */
function likelyFile(path: string): string | undefined {
  const name = basename(path, extensions.includes(extname(path)) ? extname(path) : "");
  const found = filesIn(dirname(path)).find(
    (candidate) =>
      extensions.includes(extname(candidate)) && basename(candidate, extname(candidate)) === name,
  );
  return found && `Did you mean ${displayPath(join(dirname(path), found))}?`;
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
