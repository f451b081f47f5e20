import { hash } from "node:crypto";
import { join } from "node:path";
import type { Counts, Task } from "../counts.ts";
import { FakeEmbedder } from "../fake-embedder.ts";
import { splitPage, splitPageAgain } from "../split-page.ts";
import { FileReader } from "./file-reader.ts";
import { emptyRows, type FileRows, type FloorState, fileDigest, writeState } from "./floor-state.ts";
import { type Listing, statsOfFile } from "./list-tree.ts";
import { RowWriter } from "./row-writer.ts";
import { digestBytes, TextIndex } from "./text-index.ts";
import { VectorFile } from "./vector-file.ts";

export type FloorWork = Omit<Counts, "transactions" | "storeBytes">;

/** Brings the rows to what the files are, reading those that changed. */
export async function updateRows(
  task: Task,
  listing: Listing,
  { file, state }: { readonly file: string; readonly state: FloorState | null },
): Promise<FloorWork> {
  const update = new FloorUpdate(task, listing, state);
  const work = await update.run();
  update.commit(file);
  return work;
}

/** The pieces of one file as they were before: from `first` up to `end` in the columns. */
interface Before {
  readonly index: number;
  readonly first: number;
  readonly end: number;
}

class FloorUpdate {
  readonly #task: Task;
  readonly #listing: Listing;
  readonly #state: FloorState | null;
  readonly #old: FileRows;
  readonly #before: Map<string, Before>;
  readonly #names: readonly string[];
  readonly #texts: TextIndex;
  readonly #vectors: VectorFile;
  readonly #writer: RowWriter;
  readonly #embedder: FakeEmbedder;
  readonly #reader = new FileReader();
  readonly #split: (text: string) => string[];
  readonly #files: Buffer;
  readonly #pieces: number[] = [];
  readonly #pieceTexts: number[] = [];
  readonly #ends: number[] = [];
  #chunks = 0;

  constructor(task: Task, listing: Listing, state: FloorState | null) {
    this.#task = task;
    this.#listing = listing;
    this.#state = state;
    this.#old = state?.rows() ?? emptyRows();
    this.#before = piecesBefore(state, this.#old);
    this.#names = namesOf(listing);
    this.#files = Buffer.alloc(this.#names.length * digestBytes);
    this.#texts = new TextIndex(this.#old.digests);
    this.#vectors = new VectorFile(join(task.state, "vectors"));
    this.#embedder = new FakeEmbedder(task);
    this.#writer = new RowWriter(task, this.#embedder, { vectors: this.#vectors, first: this.#texts.size });
    this.#split = task.splitter === 1 ? splitPage : splitPageAgain;
  }

  async run(): Promise<FloorWork> {
    for (const [index, name] of this.#names.entries()) {
      const before = this.#before.get(name);
      this.#before.delete(name);
      if (this.#updateFile(index, name, before)) await this.#writer.drain();
    }
    await this.#writer.drain(0);
    for (const [name, before] of this.#before) this.#writer.delete([...this.#oldIds(name, before)]);
    return {
      filesRead: this.#reader.filesRead,
      chunks: this.#chunks,
      embedCalls: this.#embedder.calls,
      embedTexts: this.#embedder.texts,
      targetCalls: this.#writer.targetCalls,
      targetWrites: this.#writer.targetWrites,
      targetDeletes: this.#writer.targetDeletes,
    };
  }

  /** Vectors first, since the state says that they are there. */
  commit(file: string): void {
    this.#vectors.sync();
    writeState(file, this.#task.splitter, this.#listing, {
      files: this.#files,
      pieces: Uint32Array.from(this.#pieces),
      texts: Uint32Array.from(this.#pieceTexts),
      ends: Uint32Array.from(this.#ends),
      digests: this.#texts.digests,
    });
  }

  /** True where groups wait to be drained. */
  #updateFile(index: number, name: string, before: Before | undefined): boolean {
    const mayKeep = before !== undefined && this.#mayKeep;
    if (mayKeep && this.#hasSameStats(index, before.index)) return this.#keep(index, before);
    const bytes = this.#reader.read(`${this.#task.corpus}/${name}`);
    const digest = hash("sha1", bytes, "buffer").subarray(0, digestBytes);
    if (mayKeep && digest.equals(fileDigest(this.#old, before.index))) return this.#keep(index, before);
    digest.copy(this.#files, index * digestBytes);
    return this.#makeRows(name, bytes.toString(), before);
  }

  get #mayKeep(): boolean {
    return this.#task.mode === "update" && this.#state?.splitter === this.#task.splitter;
  }

  #hasSameStats(index: number, before: number): boolean {
    const [now, then] = [this.#listing.stats, this.#state!.listing.stats];
    for (let i = 0; i < statsOfFile; i++)
      if (now[index * statsOfFile + i] !== then[before * statsOfFile + i]) return false;
    return true;
  }

  #keep(index: number, before: Before): false {
    fileDigest(this.#old, before.index).copy(this.#files, index * digestBytes);
    this.#pieces.push(before.end - before.first);
    for (let piece = before.first; piece < before.end; piece++)
      this.#addPiece(this.#old.texts[piece]!, this.#old.ends[piece]!);
    return false;
  }

  #addPiece(number: number, end: number): void {
    this.#pieceTexts.push(number);
    this.#ends.push(end);
  }

  #makeRows(name: string, page: string, before: Before | undefined): boolean {
    const old = new Map(before && this.#oldRows(name, before));
    const texts = this.#split(page);
    this.#chunks += texts.length;
    this.#pieces.push(texts.length);
    let mustDrain = false;
    let start = 0;
    for (const text of texts) {
      const end = start + text.length;
      const id = idOf(name, start, end);
      const number = this.#numberOf(text);
      this.#addPiece(number, end);
      const isNew = old.get(id) !== number || this.#task.mode === "reexport";
      if (isNew && this.#writer.addRow({ id, file: name, text, number })) mustDrain = true;
      old.delete(id);
      start = end;
    }
    this.#writer.delete([...old.keys()]);
    return mustDrain;
  }

  #numberOf(text: string): number {
    const next = this.#texts.size;
    const number = this.#texts.numberOf(hash("sha1", text, "buffer"));
    if (number === next) this.#writer.addText(text);
    return number;
  }

  *#oldRows(name: string, { first, end }: Before): Generator<[id: string, text: number]> {
    const { ends, texts } = this.#old;
    for (let piece = first; piece < end; piece++)
      yield [idOf(name, piece === first ? 0 : ends[piece - 1]!, ends[piece]!), texts[piece]!];
  }

  *#oldIds(name: string, before: Before): Generator<string> {
    for (const [id] of this.#oldRows(name, before)) yield id;
  }
}

/** A row is a place in a file. */
function idOf(name: string, start: number, end: number): string {
  return `${name}:${start}-${end}`;
}

function namesOf({ names }: Listing): string[] {
  return names.split("\n").slice(0, -1);
}

function piecesBefore(state: FloorState | null, { pieces }: FileRows): Map<string, Before> {
  const before = new Map<string, Before>();
  let first = 0;
  for (const [index, name] of (state === null ? [] : namesOf(state.listing)).entries()) {
    const end = first + pieces[index]!;
    before.set(name, { index, first, end });
    first = end;
  }
  return before;
}
