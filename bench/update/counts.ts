import { createHash } from "node:crypto";
import { lstatSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";

/** What a contender is to do: the one argument of its process, as JSON. */
export interface Task {
  /** A directory of Markdown files, nested. */
  readonly corpus: string;
  /** A directory of this contender alone, empty at first and kept from phase to phase. */
  readonly state: string;
  /** The version of the splitter's code: the second gives what the first does. */
  readonly splitter: 1 | 2;
  /** Milliseconds that each call of the embedder waits. */
  readonly delay: number;
  /** Texts that a call of the embedder may have at most. */
  readonly batch: number;
  /** `counting` is one that only counts. */
  readonly target: "counting" | "files" | "lancedb" | "pglite";
  readonly mode: "update" | "reexport" | "live";
  /** Once so many texts have been embedded, the process kills itself; null: never. */
  readonly stopAfterTexts: number | null;
  /** A file in which the target notes each operation; null where it is timed. */
  readonly record: string | null;
}

/** What a process did: its last line on stdout, as JSON. */
export interface Counts {
  readonly filesRead: number;
  /** Pieces that the splitter made. */
  readonly chunks: number;
  readonly embedCalls: number;
  readonly embedTexts: number;
  readonly targetCalls: number;
  readonly targetWrites: number;
  readonly targetDeletes: number;
  /** Write transactions of its store; null where nobody can tell. */
  readonly transactions: number | null;
  /** What the state directory takes on disk; null where nobody can tell. */
  readonly storeBytes: number | null;
}

/** What a target was told, with a digest in place of the text; see `textDigest`. */
export type Operation =
  | { readonly op: "write"; readonly id: string; readonly file: string; readonly text: string }
  | { readonly op: "delete"; readonly id: string };

/** In a contender: what it is to do. */
export function givenTask(): Task {
  return JSON.parse(process.argv[2]!) as Task;
}

/** In a contender, as the last thing: what it did. */
export function printCounts(counts: Counts): void {
  process.stdout.write(`${JSON.stringify(counts)}\n`);
}

export function textDigest(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

const records = new Map<string, number>();

/** Notes what a target was told, before the target says that it was done. */
export function recordOperation(record: string | null, operation: Operation): void {
  if (record === null) return;
  const descriptor = records.get(record) ?? openSync(record, "a");
  records.set(record, descriptor);
  writeSync(descriptor, `${JSON.stringify(operation)}\n`);
}

/** What the files below a directory take on disk, holes left out. */
export function diskBytes(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? diskBytes(path) : lstatSync(path).blocks * 512;
  }
  return bytes;
}
