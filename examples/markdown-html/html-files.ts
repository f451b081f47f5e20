import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { defineTarget } from "sluice";
import { z } from "zod";

/** A directory of HTML files: the row `guide/intro.md` is the file `guide/intro.md.html`. */
export const htmlFiles = defineTarget({
  kind: "htmlFiles",
  // "./site/" and "site" are one directory.
  spec: z.object({ directory: z.string().transform((path) => join(path, ".")) }),
  key: z.object({ filename: z.string() }),
  value: z.object({ html: z.string() }),
  getPersistentKey: ({ directory }) => directory,
  describe: (key) => `Local directory ${key}`,

  async applySetupChange({ key, current }, { appDirectory }) {
    const directory = resolve(appDirectory, String(key));
    if (current) await mkdir(directory, { recursive: true });
    else await removePages(directory);
  },

  prepare: ({ directory }, { appDirectory }) => resolve(appDirectory, directory),

  async mutate(batches) {
    for (const { target: directory, mutations } of batches) {
      // Deletions first: a file may have given its name to a directory.
      for (const { key, value } of mutations) if (!value) await removePage(directory, key.filename);
      for (const { key, value } of mutations) if (value) await writePage(directory, key.filename, value.html);
    }
  },

  /** Every page that is there, whoever wrote it; other files are none of its rows. */
  async *readBack(directory) {
    for (const name of await filesBelow(directory)) {
      if (!name.endsWith(".html")) continue;
      const filename = name.slice(0, -".html".length).replaceAll(sep, "/");
      yield [{ key: { filename }, value: { html: await readFile(join(directory, name), "utf8") } }];
    }
  },
});

/** The old file or the new one, whenever the process stops: written beside its place, then moved there. */
async function writePage(directory: string, filename: string, html: string): Promise<void> {
  const { page, draft } = placeOf(directory, filename);
  await mkdir(dirname(page), { recursive: true });
  await writeFile(draft, html, { flush: true });
  await rename(draft, page);
}

async function removePage(directory: string, filename: string): Promise<void> {
  const { page, draft } = placeOf(directory, filename);
  await rm(draft, { force: true });
  await rm(page, { force: true });
  for (let parent = dirname(page); parent !== directory; parent = dirname(parent)) {
    if (!(await removeIfEmpty(parent))) return;
  }
}

/**
 * Where a row is written. The draft's name follows from the row's, so that what a stopped process leaves behind
 * goes with the next write of that row, which is sure to come.
 */
function placeOf(directory: string, filename: string): { readonly page: string; readonly draft: string } {
  const page = resolve(directory, `${filename}.html`);
  if (!page.startsWith(join(directory, sep))) throw new Error(`${filename} leads out of ${directory}`);
  return { page, draft: `${page}.draft` };
}

/** Takes away what `writePage` made and the directories that are then empty; other files stay. */
async function removePages(directory: string): Promise<void> {
  const names = await filesBelow(directory);
  const pages = names.filter((name) => /\.html(\.draft)?$/.test(name));
  for (const page of pages) await rm(join(directory, page), { force: true });
  // The longest paths first, so that a directory comes after all that it holds.
  const parents = new Set(pages.flatMap((page) => parentsOf(page)));
  for (const parent of [...parents].sort((a, b) => b.length - a.length)) {
    await removeIfEmpty(join(directory, parent));
  }
  await removeIfEmpty(directory);
}

/** The paths of the files below a directory; none where there is no such directory. */
async function filesBelow(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => relative(directory, join(parentPath, name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [parent, ...parentsOf(parent)];
}

async function removeIfEmpty(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}
