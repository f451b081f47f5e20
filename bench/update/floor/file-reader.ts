import { closeSync, openSync, readSync } from "node:fs";

/** Reads one file after the other into one buffer. */
export class FileReader {
  #buffer = Buffer.allocUnsafeSlow(65_536);
  filesRead = 0;

  /** Good until the next one is read. */
  read(path: string): Buffer {
    this.filesRead++;
    const descriptor = openSync(path, "r");
    try {
      let end = 0;
      for (;;) {
        const bytes = readSync(descriptor, this.#buffer, end, this.#buffer.length - end, null);
        end += bytes;
        if (end < this.#buffer.length) return this.#buffer.subarray(0, end);
        this.#buffer = Buffer.concat([this.#buffer], this.#buffer.length * 2);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}
