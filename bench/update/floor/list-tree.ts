import { lstatSync, readdirSync } from "node:fs";

/** The files of a tree, in the order in which they are always found. */
export interface Listing {
  /** Relative paths with a line end after each, so that two listings can be compared at once. */
  readonly names: string;
  /** Four numbers a file: size, modification time, change time, inode. */
  readonly stats: Float64Array;
}

/** What `Listing.stats` has of each file. */
export const statsOfFile = 4;

/** Lists the Markdown files of a tree. Of what Node offers this is the quickest: see the notes of the page. */
export function listTree(root: string): Listing {
  const found = { names: [] as string[], stats: [] as number[] };
  listInto(found, root, "");
  return {
    names: found.names.join("\n") + (found.names.length > 0 ? "\n" : ""),
    stats: Float64Array.from(found.stats),
  };
}

function listInto(found: { names: string[]; stats: number[] }, root: string, below: string): void {
  const entries = readdirSync(`${root}/${below}`, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below + entry.name;
    if (entry.isDirectory()) listInto(found, root, `${path}/`);
    else if (path.endsWith(".md")) {
      const { size, mtimeMs, ctimeMs, ino } = lstatSync(`${root}/${path}`);
      found.names.push(path);
      found.stats.push(size, mtimeMs, ctimeMs, ino);
    }
  }
}
