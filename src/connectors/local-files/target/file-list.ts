import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lookAt } from "../look-at.ts";
import { isMissing } from "../source-root.ts";
import { flushDirectories, flushFile } from "./durably.ts";

/** What a list says of the directory that it stands in. */
export interface ListHead {
  /** The target made the directory, so that it goes with it. */
  readonly madeDirectory: boolean;
  readonly suffix: string;
}

/** So many lines more than twice what they come to are written anew. */
const spareLines = 1_000;

/**
 * Which files of a directory a target has written, so that it never touches others. A log: a line for each file that
 * comes or goes, written before the file comes and after it went, so that it never lacks one that is there. What a
 * crash or a full disk leaves of a line cannot be read, and nothing was done upon it: it is passed over.
 */
export class FileList {
  readonly #path: string;
  readonly #durable: boolean;
  #paths = new Set<string>();
  #head: ListHead | null = null;
  #lines = 0;
  /** What the file was when it was read or written last. */
  #state = "";

  private constructor(path: string, durable: boolean) {
    this.#path = path;
    this.#durable = durable;
  }

  /** Reads the list at a path; null where there is none. */
  static read(path: string, durable: boolean): FileList | null {
    const list = new FileList(path, durable);
    return list.#load() ? list : null;
  }

  /** Reads it, or begins one. Its directory must be there. */
  static async open(path: string, durable: boolean): Promise<FileList> {
    const list = new FileList(path, durable);
    if (!list.#load()) await list.#append([]);
    if (list.#lines > 2 * list.#paths.size + spareLines) await list.#rewrite();
    return list;
  }

  get head(): ListHead | null {
    return this.#head;
  }

  get paths(): ReadonlySet<string> {
    return this.#paths;
  }

  /** Whether the file is as it was left. Others may take it away, with all that it tells of. */
  isCurrent(): boolean {
    return this.#state === stateOf(this.#path);
  }

  async setHead(head: ListHead): Promise<void> {
    const line = headLine(head);
    if (this.#head !== null && headLine(this.#head) === line) return;
    await this.#append([line]);
    this.#head = head;
  }

  async add(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#append(paths.map((path) => `+${JSON.stringify(path)}`));
    for (const path of paths) this.#paths.add(path);
  }

  async strike(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#append(paths.map((path) => `-${JSON.stringify(path)}`));
    for (const path of paths) this.#paths.delete(path);
  }

  #load(): boolean {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    for (const line of text.split("\n")) if (line !== "") this.#take(line);
    this.#state = stateOf(this.#path);
    return true;
  }

  #take(line: string): void {
    this.#lines++;
    const said = parsed(line.slice(1));
    if (line.startsWith("=")) this.#head = headOf(said) ?? this.#head;
    else if (typeof said !== "string") return;
    else if (line.startsWith("+")) this.#paths.add(said);
    else if (line.startsWith("-")) this.#paths.delete(said);
  }

  /** Begins a line of its own, whatever the last one has come to. */
  async #append(lines: readonly string[]): Promise<void> {
    await this.#write(this.#path, "a", lines);
    if (this.#lines === 0 && this.#durable) await flushDirectories([dirname(this.#path)]);
    this.#lines += lines.length;
  }

  async #rewrite(): Promise<void> {
    const lines = [...this.#paths].map((path) => `+${JSON.stringify(path)}`);
    if (this.#head !== null) lines.unshift(headLine(this.#head));
    const draft = `${this.#path}.new`;
    await this.#write(draft, "w", lines);
    renameSync(draft, this.#path);
    if (this.#durable) await flushDirectories([dirname(this.#path)]);
    this.#state = stateOf(this.#path);
    this.#lines = lines.length;
  }

  async #write(path: string, flags: "a" | "w", lines: readonly string[]): Promise<void> {
    const descriptor = openSync(path, flags);
    try {
      const begin = fstatSync(descriptor).size === 0 ? "" : "\n";
      if (lines.length > 0) writeFileSync(descriptor, `${begin}${lines.join("\n")}\n`);
      if (this.#durable) await flushFile(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.#state = stateOf(path);
  }
}

/** Tells another file of the same path, and one that others have written to. */
function stateOf(path: string): string {
  const seen = lookAt(path);
  return seen === undefined ? "" : `${seen.dev} ${seen.ino} ${seen.size}`;
}

function headLine({ madeDirectory, suffix }: ListHead): string {
  return `=${JSON.stringify({ format: 1, madeDirectory, suffix })}`;
}

function headOf(said: unknown): ListHead | null {
  if (typeof said !== "object" || said === null) return null;
  const { madeDirectory, suffix } = said as Readonly<Record<string, unknown>>;
  return typeof suffix === "string" ? { madeDirectory: madeDirectory === true, suffix } : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
