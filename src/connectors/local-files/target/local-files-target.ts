import { z } from "zod";
import { defineTarget } from "../../../contracts/define-target.ts";
import type { Mutation, TargetUse } from "../../../contracts/target.ts";
import { isSluiceError, SluiceError } from "../../../errors/index.ts";
import { type ContentField, checkContent, contentFieldOf } from "./content-field.ts";
import { readRows } from "./read-rows.ts";
import { removeFiles } from "./remove-files.ts";
import { findKeyProblem, rowPath } from "./row-path.ts";
import { dropDirectory, inspectDirectory, setUpDirectory } from "./set-up-directory.ts";
import {
  type DirectoryPlace,
  directoryError,
  type OpenDirectory,
  openDirectory,
  placeOf,
} from "./target-directory.ts";
import { type LocalFilesTargetOptions, type TargetSpec, targetSpec } from "./target-spec.ts";
import { type FileToWrite, writeFiles } from "./write-files.ts";

/** A directory as an update writes to it. */
interface FilesTarget {
  readonly spec: TargetSpec;
  readonly place: DirectoryPlace;
  readonly content: ContentField;
  /** Null before the first write, so that reading changes nothing. */
  open: OpenDirectory | null;
}

type FileMutation = Mutation<string, unknown>;

const filesTarget = defineTarget({
  kind: "localFiles",
  spec: targetSpec,
  key: z.string(),
  getPersistentKey: ({ directory }) => directory,
  setupState(input) {
    checkContent(input);
    return { suffix: input.spec.suffix };
  },
  compare: (previous, wanted) => (previous.suffix === wanted.suffix ? "unchanged" : "destructive"),
  describe: (key) => `directory ${String(key)}`,

  async applySetupChange({ key, current }, { appDirectory }) {
    const place = placeOf(String(key), appDirectory);
    if (current === null) await dropDirectory(place);
    else await setUpDirectory(place, current.suffix);
  },
  inspect: (key, { appDirectory }) => inspectDirectory(placeOf(String(key), appDirectory)),

  prepare: (spec, { appDirectory, schema }): FilesTarget => ({
    spec,
    place: placeOf(spec.directory, appDirectory),
    content: contentFieldOf(schema),
    open: null,
  }),
  async mutate(batches, { signal }) {
    for (const { target, mutations } of batches) await mutateDirectory(target, mutations, signal);
  },
  readBack: ({ place, spec, content }) => readRows({ place, suffix: spec.suffix, content }),
});

async function mutateDirectory(
  target: FilesTarget,
  mutations: readonly FileMutation[],
  signal: AbortSignal,
): Promise<void> {
  const gone: string[] = [];
  const files: FileToWrite[] = [];
  for (const { key, value } of mutations) {
    const path = rowPath(key, target.spec.suffix);
    if (value === null) gone.push(path);
    else {
      checkKey(key, target.spec);
      const content = (value as Readonly<Record<string, string | Uint8Array>>)[target.content.name]!;
      files.push({ path, content });
    }
  }
  signal.throwIfAborted();
  const directory = await opened(target);
  // First, since a file may have given its name to a directory, and the other way round.
  await removeFiles(directory, gone);
  await writeFiles(directory, files, { overwrite: target.spec.overwrite, signal });
}

async function opened(target: FilesTarget): Promise<OpenDirectory> {
  if (target.open?.list.isCurrent()) return target.open;
  try {
    target.open = await openDirectory(target.place, target.spec.durable);
    return target.open;
  } catch (error) {
    throw isSluiceError(error) ? error : directoryError(target.place, error);
  }
}

/** A key that cannot be a path was never written: its deletion needs no check. */
function checkKey(key: string, { directory, suffix }: TargetSpec): void {
  const problem = findKeyProblem(key, suffix, process.platform);
  if (problem === null) return;
  throw new SluiceError(
    "mutate-failed",
    `${JSON.stringify(key)} cannot be the path of a file in directory ${directory}: ${problem}`,
    { hint: 'Use paths such as "guide/intro.html": names with / between, none of them "." or "..".' },
  );
}

/**
 * A directory with a file for each row: its path is the row's key, which is one text field, and its content the one
 * other field of the collector, text (written as UTF-8) or bytes. Files are replaced atomically; those that the
 * target did not write stay untouched. Nothing is ever written or removed outside the directory, whatever keys say.
 *
 * @example
 * pages.export("Pages", localFilesTarget({ directory: "site", suffix: ".html" }), { primaryKeyFields: ["filename"] });
 *
 * @throws SluiceError `spec-invalid` for options that cannot be meant
 */
export function localFilesTarget(options: LocalFilesTargetOptions): TargetUse<string, unknown> {
  return filesTarget(options);
}
