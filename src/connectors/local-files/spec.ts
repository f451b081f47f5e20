import { z } from "zod";
import { isSluiceError, SluiceError } from "../../errors/index.ts";
import { findEncoding } from "./decode-text.ts";
import type { ChangeDetection } from "./file-version.ts";
import { findPatternProblem, type PatternProblem, type PatternRole } from "./patterns.ts";

/** The options that text and binary files share. */
interface LocalFilesOptions {
  /** The directory, relative to the app directory or absolute. Kept as it is given. */
  readonly path: string;
  /**
   * Globs of the files to take, relative to `path`; `**\/*` when left out. Names that begin with a dot are taken
   * only by a pattern that spells the dot.
   */
  readonly includedPatterns?: readonly string[] | undefined;
  /** Globs of what to leave out, hidden or not. A directory that matches is left out with all below it. */
  readonly excludedPatterns?: readonly string[] | undefined;
  /** In bytes; a larger file is no row of the source. */
  readonly maxFileSize?: number | undefined;
  /** What counts as a change of a file; `"strict"` when left out. */
  readonly changeDetection?: ChangeDetection | undefined;
  /** Whether live updates follow changes as they happen; false when left out. */
  readonly watchChanges?: boolean | undefined;
}

/** Options of a source of text files. */
export interface LocalTextFilesOptions extends LocalFilesOptions {
  readonly binary?: false | undefined;
  /** A label of the Encoding Standard, such as `"utf-16le"`; `"utf-8"` when left out. */
  readonly encoding?: string | undefined;
}

/** Options of a source of files as bytes. */
export interface LocalBinaryFilesOptions extends LocalFilesOptions {
  /** Yields the content as bytes. */
  readonly binary: true;
  readonly encoding?: undefined;
}

const shared = {
  path: z
    .string()
    .min(1, "is empty; write . for the app directory")
    .refine((path) => !path.includes("\0")),
  includedPatterns: z.array(patternSchema("included")).min(1, "is empty").readonly().optional(),
  excludedPatterns: z.array(patternSchema("excluded")).readonly().optional(),
  maxFileSize: z.number().positive().optional(),
  changeDetection: z.enum(["strict", "sizeMtime", "content"]).optional(),
  watchChanges: z.boolean().optional(),
};

export const textSpec = z.strictObject({
  ...shared,
  binary: z.literal(false).optional(),
  encoding: z
    .string()
    .refine((label) => findEncoding(label) !== null, {
      error: (issue) => `unknown encoding ${quote(issue.input)}`,
    })
    .optional(),
});

export const binarySpec = z.strictObject({
  ...shared,
  binary: z.literal(true),
  encoding: z.undefined("has no meaning with binary: true").optional(),
});

export type TextSpec = z.output<typeof textSpec>;
export type BinarySpec = z.output<typeof binarySpec>;

function patternSchema(role: PatternRole) {
  return z.string().refine((pattern) => findPatternProblem(pattern, role) === null, {
    error: (issue) => `${quote(issue.input)} ${findPatternProblem(String(issue.input), role)?.problem}`,
  });
}

/** Adds to an error of an unfit spec what to do about the first thing that is wrong. */
export function withHint(error: unknown, options: LocalTextFilesOptions | LocalBinaryFilesOptions): unknown {
  if (!isSluiceError(error) || error.code !== "spec-invalid" || error.hint !== undefined) return error;
  return new SluiceError(error.code, error.message, { hint: findHint(options), where: error.where });
}

function findHint(options: LocalTextFilesOptions | LocalBinaryFilesOptions): string | undefined {
  const { includedPatterns, excludedPatterns, encoding } = options ?? {};
  const problem = findProblem(includedPatterns, "included") ?? findProblem(excludedPatterns, "excluded");
  if (problem) return problem.hint;
  if (Array.isArray(includedPatterns) && includedPatterns.length === 0)
    return "Leave includedPatterns out to take every file.";
  if (encoding !== undefined)
    return "Use a label of the Encoding Standard, such as utf-8, utf-16le or latin1.";
  return undefined;
}

function findProblem(patterns: unknown, role: PatternRole): PatternProblem | null {
  if (!Array.isArray(patterns)) return null;
  for (const pattern of patterns) {
    const problem = typeof pattern === "string" ? findPatternProblem(pattern, role) : null;
    if (problem !== null) return problem;
  }
  return null;
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}
