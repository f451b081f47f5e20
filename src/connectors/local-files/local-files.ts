import { posix } from "node:path";
import { z } from "zod";
import { defineSource } from "../../contracts/define-source.ts";
import type { SourceUse } from "../../contracts/source.ts";
import { bytes } from "../../values/index.ts";
import { decodeText, findEncoding } from "./decode-text.ts";
import { LocalFilesConnection } from "./local-files-connection.ts";
import {
  type BinarySpec,
  binarySpec,
  type LocalBinaryFilesOptions,
  type LocalTextFilesOptions,
  type TextSpec,
  textSpec,
  withHint,
} from "./spec.ts";

const defaultEncoding = "utf-8";
/** Three signs of life. */
const watchHeartbeat = "30s";

const keySchema = z.object({ filename: z.string() });

const textFiles = defineSource({
  kind: "localFiles",
  spec: textSpec,
  key: keySchema,
  value: z.object({ content: z.string() }),
  ordered: true,
  valueSpec: describeValues,
  create: (spec, context) => ({
    files: new LocalFilesConnection(spec, context),
    encoding: encodingOf(spec),
  }),
  list: ({ files }, options) => files.list(options),
  getValue({ files, encoding }, key) {
    const result = files.read(key);
    if (result === null) return null;
    return withVersion(decodeText(result.bytes, encoding, files.show(key.filename)), result.version);
  },
  watch: ({ files }, options) => files.watch(options),
  watches,
  watchHeartbeat,
  close: ({ files }) => files.close(),
});

const binaryFiles = defineSource({
  kind: "localFiles",
  spec: binarySpec,
  key: keySchema,
  value: z.object({ content: bytes() }),
  ordered: true,
  valueSpec: describeValues,
  create: (spec, context) => new LocalFilesConnection(spec, context),
  list: (files, options) => files.list(options),
  getValue(files, key) {
    const result = files.read(key);
    return result === null ? null : withVersion(result.bytes, result.version);
  },
  watch: (files, options) => files.watch(options),
  watches,
  watchHeartbeat,
  close: (files) => files.close(),
});

function withVersion<T>(content: T, version: Uint8Array | null) {
  return version === null ? { value: { content } } : { value: { content }, contentVersion: version };
}

function watches(spec: TextSpec | BinarySpec): boolean {
  return spec.watchChanges === true;
}

/** The other options choose rows and say when to read them; they do not change values. */
function describeValues(spec: TextSpec | BinarySpec): unknown {
  const path = posix.normalize(spec.path).replace(/(?<=.)\/$/, "");
  return spec.binary ? { path, binary: true } : { path, binary: false, encoding: encodingOf(spec) };
}

function encodingOf(spec: TextSpec): string {
  return findEncoding(spec.encoding ?? defaultEncoding)!;
}

/**
 * The files of a directory and of the directories below it: a row for each, with the key `filename` (the path
 * relative to `path`, with `/` separators) and the field `content`.
 *
 * Rows come in the order of their names' UTF-8 bytes. Links are followed inside the directory only; special
 * files are left out. What is no valid text of `encoding` is an error of its row.
 *
 * @example
 * const documents = flow.addSource("documents", localFiles({ path: "data", includedPatterns: ["**\/*.md"] }));
 *
 * @throws SluiceError `spec-invalid` for options that cannot be meant
 */
export function localFiles(options: LocalTextFilesOptions): SourceUse<{ filename: string; content: string }>;
/** With `binary: true`, `content` is the bytes of the file. */
export function localFiles(
  options: LocalBinaryFilesOptions,
): SourceUse<{ filename: string; content: Uint8Array }>;
export function localFiles(
  options: LocalTextFilesOptions | LocalBinaryFilesOptions,
): SourceUse<{ filename: string; content: string | Uint8Array }> {
  try {
    return options?.binary === true ? binaryFiles(options) : textFiles(options);
  } catch (error) {
    throw withHint(error, options);
  }
}
