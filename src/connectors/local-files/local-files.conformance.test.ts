import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { letFilesAge } from "../../../test/support/example-project.ts";
import {
  type ConformancePlace,
  type ConformanceSuite,
  type SourceOutside,
  sourceConformance,
} from "../../testing/index.ts";
import { bytes } from "../../values/index.ts";
import { localFiles } from "./index.ts";

type Key = { readonly filename: string };

/** Paths that are listed: no hidden ones. The kit tries `a` and `a/b`, and no name is a file and a directory. */
const filename = z.string().refine((path) => {
  const names = path.split("/");
  const isName = (name: string) => /^[^.]/.test(name) && Buffer.byteLength(name) < 250;
  return path !== "a" && !path.includes("\0") && names.every(isName);
});
const key = z.object({ filename });
const text = z.object({ content: z.string().refine((content) => !content.startsWith("\ufeff")) });
const binary = z.object({ content: bytes() });

const directoryOf = ({ name, appDirectory }: ConformancePlace) => join(appDirectory, name);
const pathOf = (place: ConformancePlace, { filename }: Key) => join(directoryOf(place), filename);

const outside = {
  create: (place: ConformancePlace) => mkdirSync(directoryOf(place)),
  write(place: ConformancePlace, key: Key, { content }: { readonly content: string | Uint8Array }) {
    mkdirSync(dirname(pathOf(place, key)), { recursive: true });
    writeFileSync(pathOf(place, key), content);
  },
  remove: (place: ConformancePlace, key: Key) => rmSync(pathOf(place, key)),
  touch: (place: ConformancePlace, key: Key) => utimesSync(pathOf(place, key), new Date(), new Date()),
  rename: (place: ConformancePlace, from: Key, to: Key) => renameSync(pathOf(place, from), pathOf(place, to)),
  settle: (place: ConformancePlace) => letFilesAge(directoryOf(place)),
  makeUnreadable(place: ConformancePlace) {
    // A name that no key can say, since it is no text. Permissions would not keep root from reading.
    const path = join(directoryOf(place), readdirSync(directoryOf(place))[0]!);
    const nameless = Buffer.concat([Buffer.from(`${path}-`), Uint8Array.of(0xff)]);
    renameSync(path, nameless);
    return () => renameSync(nameless, path);
  },
  makeUnreachable(place: ConformancePlace) {
    const directory = directoryOf(place);
    renameSync(directory, `${directory}-away`);
    return () => renameSync(`${directory}-away`, directory);
  },
} satisfies SourceOutside<typeof key, z.ZodType>;

const suites: Readonly<Record<string, ConformanceSuite>> = {
  text: sourceConformance({
    source: ({ name }) => localFiles({ path: name }),
    key,
    value: text,
    capabilities: { ordered: true, versions: true },
    outside,
  }),
  "bytes, with versions of size and time": sourceConformance({
    source: ({ name }) => localFiles({ path: name, binary: true, changeDetection: "sizeMtime" }),
    key,
    value: binary,
    capabilities: { ordered: true, versions: true },
    outside,
    manyRows: 300,
  }),
  "text, watched": sourceConformance({
    source: ({ name }) => localFiles({ path: name, watchChanges: true }),
    key,
    value: text,
    capabilities: { ordered: true, versions: true, watches: true },
    outside: {
      ...outside,
      writeForeign: (place) => writeFileSync(join(directoryOf(place), ".hidden"), "of no concern"),
    },
    manyRows: 300,
  }),
  "text, without versions": sourceConformance({
    source: ({ name }) => localFiles({ path: name, changeDetection: "content" }),
    key,
    value: text,
    capabilities: { ordered: true },
    outside,
    manyRows: 300,
  }),
};

describe.each(Object.entries(suites))("local files keep the contract of sources: %s", (_, suite) => {
  for (const { name, run } of suite) test(name, run);
});

test("nothing is left out but what local files do not have", () => {
  expect([...new Set(suites.text!.leftOut.map(({ why }) => why))]).toEqual([
    "the source has no values in its listings",
    "the source has no ordinals",
    "the source has no setup",
    "the source has no watcher",
  ]);
});
