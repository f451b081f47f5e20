import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

let known: string | null = null;

/**
 * Where Sluice's own code lies: `src` in the repository, `dist` in the package. Told by the name, for the build puts
 * modules together, and how deep one stands then says nothing.
 */
export function ownDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  known ??= around(here) ?? here;
  return known;
}

/** The directory of Sluice's package. */
export function ownPackage(): string {
  return dirname(ownDirectory());
}

function around(directory: string): string | null {
  const name = basename(directory);
  if (name === "src" || name === "dist") return directory;
  const parent = dirname(directory);
  return parent === directory ? null : around(parent);
}
