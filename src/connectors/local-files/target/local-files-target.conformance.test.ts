import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type ConformancePlace, type ConformanceSuite, targetConformance } from "../../../testing/index.ts";
import { bytes } from "../../../values/index.ts";
import { localFilesTarget } from "../index.ts";
import { findKeyProblem } from "./row-path.ts";

const directoryOf = ({ name, appDirectory }: ConformancePlace) => join(appDirectory, name);

/**
 * What Linux takes for a path. The kit tries `a` and `a/b`, and no name is a file and a directory, but for a suffix.
 */
const keyFor = (suffix: string) =>
  z.string().refine((key) => {
    const isTooLong = Buffer.byteLength(key) > 2_000;
    return findKeyProblem(key, suffix, "linux") === null && !isTooLong && (suffix !== "" || key !== "a");
  });

/** The files of a place as `node:fs` sees them, but for the target's own; each a row with such a value. */
function rowsOf<V>(place: ConformancePlace, suffix: string, toValue: (content: Buffer) => V) {
  const directory = directoryOf(place);
  if (!existsSync(directory)) return null;
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.startsWith(".sluice-files/") && path !== "notes.txt")
    .map((path) => ({
      key: path.slice(0, path.length - suffix.length),
      value: toValue(readFileSync(join(directory, path))),
    }));
}

const html = (content: Buffer) => ({ html: content.toString("utf8") });

const foreign = {
  put: (place: ConformancePlace) => writeFileSync(join(directoryOf(place), "notes.txt"), "not a row"),
  isThere: (place: ConformancePlace) => existsSync(join(directoryOf(place), "notes.txt")),
};

const suites: Readonly<Record<string, ConformanceSuite>> = {
  "text, durable": targetConformance({
    target: ({ name }) => localFilesTarget({ directory: name, suffix: ".html" }),
    key: keyFor(".html"),
    value: z.object({ html: z.string() }),
    readBack: (place) => rowsOf(place, ".html", html),
    capabilities: { readBack: true, inspect: true },
    refused: { key: "../../elsewhere", value: { html: "" } },
    foreign,
    changes: [
      {
        name: "another suffix",
        verdict: "destructive",
        target: ({ name }) => localFilesTarget({ directory: name, suffix: ".htm" }),
        readBack: (place) => rowsOf(place, ".htm", html),
      },
      {
        name: "files of others are taken over, and no power cut is feared",
        verdict: "unchanged",
        target: ({ name }) =>
          localFilesTarget({ directory: name, suffix: ".html", overwrite: true, durable: false }),
      },
    ],
    manyRows: 300,
  }),
  "bytes, not durable": targetConformance({
    target: ({ name }) => localFilesTarget({ directory: name, durable: false }),
    key: keyFor(""),
    value: z.object({ content: bytes() }),
    readBack: (place) => rowsOf(place, "", (content) => ({ content: new Uint8Array(content) })),
    capabilities: { readBack: true, inspect: true },
    refused: { key: "a/../../b", value: { content: Uint8Array.of(1) } },
    foreign,
  }),
};

describe.each(Object.entries(suites))("files keep the contract of targets: %s", (_, suite) => {
  for (const { name, run } of suite) test(name, run);
});

test("nothing is left out but what files do not have", () => {
  expect([...new Set(suites["text, durable"]!.leftOut.map(({ why }) => why))]).toEqual([
    'no change with the verdict "compatible" was given',
    'no change with the verdict "lossy" was given',
    "the target does not declare atomic",
    "the target does not declare fenced",
  ]);
});
