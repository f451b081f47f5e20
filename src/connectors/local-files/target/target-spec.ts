import { normalize, sep } from "node:path";
import { z } from "zod";

/** Options of a target of files. */
export interface LocalFilesTargetOptions {
  /** The directory, relative to the app directory or absolute. It is made where it is not there. */
  readonly directory: string;
  /** What file names have after the key, such as `".html"`; nothing when left out. */
  readonly suffix?: string | undefined;
  /**
   * Whether a file that the target has not written is taken over when a row has its place. False when left out: the
   * row fails, and the file stays.
   */
  readonly overwrite?: boolean | undefined;
  /**
   * Whether files outlive a power cut from when the update says that they are written; true when left out. Without,
   * writing is many times faster, and a power cut can lose files that Sluice takes to be there: for what
   * `sluice verify --repair` may write again.
   */
  readonly durable?: boolean | undefined;
}

export const targetSpec = z.strictObject({
  directory: z
    .string()
    .min(1, "is empty; write . for the app directory")
    .refine((path) => !path.includes("\0"), "holds a NUL")
    // "./site/" and "site" are one directory.
    .transform((path) => {
      const plain = normalize(path).split(sep).join("/");
      return plain.length > 1 ? plain.replace(/\/$/, "") : plain;
    }),
  suffix: z
    .string()
    .refine((suffix) => !/[/\\\p{Cc}]/u.test(suffix), "must be the end of a file's name")
    .refine((suffix) => !/\p{Surrogate}/u.test(suffix), "is no valid Unicode")
    .default(""),
  overwrite: z.boolean().default(false),
  durable: z.boolean().default(true),
});

export type TargetSpec = z.output<typeof targetSpec>;
