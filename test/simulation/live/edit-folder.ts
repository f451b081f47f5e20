import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Draw } from "../generate/draw.ts";

/** Few names, so that edits meet: a name is a file now and a directory then. */
const names = ["a", "b", "c", "é"] as const;
/** So many files come at once now and then. */
const burst = 60;

let texts = 0;

/** One edit of a folder; one that cannot be done, such as a file below a file, is left. */
export function editFolder(root: string, draw: Draw): void {
  const kind = draw.weighted({ write: 6, save: 3, remove: 2, rename: 3, burst: 0.5, root: 0.2 });
  try {
    edits[kind](root, draw);
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown)) throw thrown;
  }
}

const edits = {
  write: (root, draw) => write(pathIn(root, draw)),
  /** As editors do that never leave half a file. */
  save(root, draw) {
    const path = pathIn(root, draw);
    write(`${root}/.saved`);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(`${root}/.saved`, path);
  },
  remove: (root, draw) => rmSync(pathIn(root, draw), { recursive: true }),
  rename(root, draw) {
    const to = pathIn(root, draw);
    mkdirSync(dirname(to), { recursive: true });
    renameSync(pathIn(root, draw), to);
  },
  burst(root, draw) {
    const directory = pathIn(root, draw);
    for (let i = 0; i < burst; i++) write(`${directory}/${i}`);
  },
  /** It disappears, and comes back as it was. */
  root(root) {
    renameSync(root, `${root}.away`);
    renameSync(`${root}.away`, root);
  },
} satisfies Readonly<Record<string, (root: string, draw: Draw) => void>>;

function pathIn(root: string, draw: Draw): string {
  const parts = Array.from({ length: draw.between(1, 3) }, () => draw.pick(names));
  return join(root, ...parts);
}

function write(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `text ${++texts}`);
}

/** What each file holds, by its path in the folder. */
export function readFolder(root: string): ReadonlyMap<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return new Map(
    files.flatMap((file) => {
      const path = join(file.parentPath, file.name);
      const name = relative(root, path).split(sep).join("/");
      return file.name.startsWith(".") ? [] : [[name, readFileSync(path, "utf8")] as const];
    }),
  );
}
