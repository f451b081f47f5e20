import { recordOperation, type Task, textDigest } from "../counts.ts";
import type { FakeEmbedder } from "../fake-embedder.ts";
import type { VectorFile } from "./vector-file.ts";

/** A row that is to be written, with the number of its text. */
export interface FloorRow {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly number: number;
}

/** What is embedded in one call, and the rows that can be written after it. */
interface Group {
  readonly first: number;
  readonly vectors: Promise<readonly Float32Array[]>;
  readonly rows: readonly FloorRow[];
}

/** Calls of the embedder that wait for each other's answers. */
const callsAtOnce = 32;
/** Rows that are written at once where there is nothing to embed. */
const mostRows = 1_024;

/** Embeds the texts of rows in full batches, and gives the rows to the target. */
export class RowWriter {
  readonly #task: Task;
  readonly #embedder: FakeEmbedder;
  readonly #vectors: VectorFile;
  readonly #waiting: Group[] = [];
  #rows: FloorRow[] = [];
  #texts: string[] = [];
  #first: number;
  #encoded = Buffer.allocUnsafeSlow(65_536);
  targetCalls = 0;
  targetWrites = 0;
  targetDeletes = 0;

  constructor(
    task: Task,
    embedder: FakeEmbedder,
    { vectors, first }: { vectors: VectorFile; first: number },
  ) {
    this.#task = task;
    this.#embedder = embedder;
    this.#vectors = vectors;
    this.#first = first;
  }

  /** The next text that has no vector yet; a row of it follows. */
  addText(text: string): void {
    this.#texts.push(text);
  }

  /** True where `drain` should be called. */
  addRow(row: FloorRow): boolean {
    this.#rows.push(row);
    if (this.#texts.length === this.#task.batch || this.#rows.length === mostRows) this.#close();
    return this.#waiting.length > callsAtOnce;
  }

  delete(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.targetCalls++;
    this.targetDeletes += ids.length;
    for (const id of ids) recordOperation(this.#task.record, { op: "delete", id });
  }

  /** Waits until at most so many groups are under way. */
  async drain(most = callsAtOnce): Promise<void> {
    if (most === 0) this.#close();
    while (this.#waiting.length > most) await this.#write(this.#waiting.shift()!);
  }

  #close(): void {
    if (this.#rows.length === 0) return;
    const vectors = this.#texts.length > 0 ? this.#embedder.embed(this.#texts) : Promise.resolve([]);
    this.#waiting.push({ first: this.#first, vectors, rows: this.#rows });
    this.#first += this.#texts.length;
    this.#texts = [];
    this.#rows = [];
  }

  async #write({ first, vectors, rows }: Group): Promise<void> {
    const embedded = await vectors;
    this.#vectors.write(first, embedded);
    this.targetCalls++;
    this.targetWrites += rows.length;
    for (const row of rows) this.#encode(row, embedded[row.number - first] ?? this.#vectors.read(row.number));
  }

  /** The bytes that a target would be given. */
  #encode({ id, file, text }: FloorRow, vector: Float32Array): void {
    const head = this.#encoded.write(id);
    const end = head + this.#encoded.write(text, head);
    this.#encoded.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), end);
    if (this.#task.record === null) return;
    recordOperation(this.#task.record, { op: "write", id, file, text: textDigest(text) });
  }
}
