import { isAbsolute, relative } from "node:path";

/** A path as it reads best: relative to the working directory where it lies in it. */
export function displayPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") || isAbsolute(near) ? path : near;
}
