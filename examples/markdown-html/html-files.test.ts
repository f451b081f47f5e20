import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { createJiti } from "jiti";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { TargetUse } from "../../src/index.ts";
import { targetConformance } from "../../src/testing/index.ts";

type HtmlFiles = (spec: { directory: string }) => TargetUse<{ filename: string }, { html: string }>;

// As users load it: with the built package, of which the kit here is another copy.
const { htmlFiles } = (await createJiti(import.meta.url).import("./html-files.ts")) as {
  readonly htmlFiles: HtmlFiles;
};

/** What file systems take: no longer a name, and no path that leads elsewhere. */
const filename = z.string().refine((path) => {
  const names = path.split("/");
  return (
    !path.includes("\0") &&
    !names.some((name) => ["", ".", ".."].includes(name) || Buffer.byteLength(name) > 240) &&
    Buffer.byteLength(path) < 2_000
  );
});

const suite = targetConformance({
  target: ({ name }) => htmlFiles({ directory: name }),
  key: z.object({ filename }),
  value: z.object({ html: z.string() }),
  rows: [{ key: { filename: "guide/intro.md" }, value: { html: "<h1>Intro</h1>\n" } }],
  readBack({ name, appDirectory }) {
    const directory = join(appDirectory, name);
    if (!existsSync(directory)) return null;
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const key = relative(directory, path).split(sep).join("/").slice(0, -".html".length);
        return { key: { filename: key }, value: { html: readFileSync(path, "utf8") } };
      });
  },
  refused: { key: { filename: "../../elsewhere" }, value: { html: "" } },
  foreign: {
    put: ({ name, appDirectory }) => writeFileSync(join(appDirectory, name, "notes.txt"), "not a row"),
    isThere: ({ name, appDirectory }) => existsSync(join(appDirectory, name, "notes.txt")),
  },
  // Each is flushed to the disk.
  manyRows: 100,
});

describe("HTML files keep the contract of targets", () => {
  for (const { name, run } of suite) test(name, run);

  test("as far as they promise anything", () => {
    expect([...new Set(suite.leftOut.map(({ why }) => why))]).toEqual([
      'no change with the verdict "unchanged" was given',
      'no change with the verdict "compatible" was given',
      'no change with the verdict "lossy" was given',
      'no change with the verdict "destructive" was given',
      "no change was given",
      "the target does not declare atomic",
      "the target does not declare fenced",
      "the target does not declare readBack",
    ]);
  });
});
