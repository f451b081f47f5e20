import { constants, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dimension } from "../fake-embedder.ts";

const vectorBytes = dimension * Float32Array.BYTES_PER_ELEMENT;

/** Vectors by the numbers of their texts, one after the other in a file. */
export class VectorFile {
  readonly #descriptor: number;
  #buffer = Buffer.alloc(0);
  #written = false;

  constructor(file: string) {
    this.#descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT);
  }

  read(number: number): Float32Array {
    const vector = new Float32Array(dimension);
    const bytes = Buffer.from(vector.buffer);
    if (readSync(this.#descriptor, bytes, 0, vectorBytes, number * vectorBytes) !== vectorBytes)
      throw new Error(`there is no vector ${number}`);
    return vector;
  }

  /** Of texts whose numbers follow each other. */
  write(first: number, vectors: readonly Float32Array[]): void {
    if (vectors.length === 0) return;
    if (this.#buffer.length < vectors.length * vectorBytes)
      this.#buffer = Buffer.alloc(vectors.length * vectorBytes);
    for (const [i, { buffer, byteOffset, byteLength }] of vectors.entries())
      this.#buffer.set(new Uint8Array(buffer, byteOffset, byteLength), i * vectorBytes);
    writeSync(this.#descriptor, this.#buffer, 0, vectors.length * vectorBytes, first * vectorBytes);
    this.#written = true;
  }

  /** Makes what was written durable. */
  sync(): void {
    if (this.#written) fsyncSync(this.#descriptor);
  }
}
