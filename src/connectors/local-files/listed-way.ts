import { realpathSync } from "node:fs";
import { joinName } from "./look-at.ts";
import { isInside, type RealRoot } from "./source-root.ts";

/**
 * Whether a listing gets to a file: each directory on the way to it lies inside the root, and none is passed twice,
 * wherever links lead. Throws what the file system says.
 *
 * @param real the path of the file without links
 */
export function isOnListedWay(root: RealRoot, filename: string, real: string): boolean {
  const path = joinName(root.real, filename);
  if (path === real) return true;
  const passed = new Set([root.real]);
  for (let end = filename.indexOf("/"); end >= 0; end = filename.indexOf("/", end + 1)) {
    const directory = realpathSync.native(joinName(root.real, filename.slice(0, end)));
    if (passed.has(directory) || !isInside(root, directory)) return false;
    passed.add(directory);
  }
  return isInside(root, real);
}
