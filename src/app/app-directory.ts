import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CallSite } from "../contracts/call-site.ts";

/** The file that V8 names, as a path; null when it is no file. */
function filePath(file: string): string | null {
  if (file.startsWith("file:")) return fileURLToPath(file);
  return file.startsWith("/") || /^[A-Za-z]:[\\/]/.test(file) ? file : null;
}

/** The directory of the nearest `package.json` above where a flow was defined; the working directory where there is none. */
export function appDirectoryOf(callSite: CallSite | null): string {
  const file = callSite === null ? null : filePath(callSite.file);
  if (file === null) return process.cwd();
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) return directory;
    if (directory === dirname(directory)) return dirname(file);
  }
}
