import { type BigIntStats, lstatSync } from "node:fs";
import { sep } from "node:path";

/** What is there, a link being a link; undefined when nothing is. Throws what else the file system says. */
export function lookAt(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** The path of a name in a directory, neither of which is to be normalised. */
export function joinName(directory: string, name: string): string {
  return directory.endsWith(sep) ? directory + name : directory + sep + name;
}
