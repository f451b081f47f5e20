import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TextIndex } from "./floor/text-index.ts";
import { splitPage } from "./split-page.ts";

/** Knows the texts of all pieces that it has seen, to say which ones a flow has reason to embed. */
export class TextCensus {
  readonly #seen = new TextIndex(Buffer.alloc(0));

  /** Looks at all pages. */
  take(directory: string, paths: readonly string[]): { pieces: number; newTexts: number } {
    const before = this.#seen.size;
    let pieces = 0;
    for (const path of paths) {
      for (const text of splitPage(readFileSync(join(directory, path), "utf8"))) {
        pieces++;
        this.#seen.numberOf(hash("sha1", text, "buffer"));
      }
    }
    return { pieces, newTexts: this.#seen.size - before };
  }
}
