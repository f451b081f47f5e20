/** What a terminal makes of a text: as much of it as is drawn with here. It scrolls without end, and wraps again when resized. */
export class Screen {
  /** Lines as they were written, however many rows each takes. */
  #lines: string[] = [""];
  #columns: number;
  /** The cursor, in rows of the terminal and columns. */
  #row = 0;
  #column = 0;
  cursorShown = true;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** The lines that are not empty. */
  lines(): string[] {
    return this.#lines.map((line) => line.trimEnd()).filter((line) => line !== "");
  }

  /** Lines that are too long take more rows from now on; the cursor stays where it is in the text. */
  resize(columns: number): void {
    const place = this.#place();
    this.#columns = columns;
    this.#row = this.#rowsBefore(place.line) + Math.floor(place.offset / columns);
    this.#column = place.offset % columns;
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are the point
    for (const [part, up, code] of text.matchAll(/\u001b\[(\d+)A|\u001b\[(\?25[lh]|[KJ])|./gs)) {
      if (up !== undefined) this.#row = Math.max(0, this.#row - Number(up));
      else if (code !== undefined) this.#obey(code);
      else this.#put(part);
    }
  }

  #obey(code: string): void {
    if (code.startsWith("?")) {
      this.cursorShown = code.endsWith("h");
      return;
    }
    const { line, offset } = this.#place();
    this.#lines[line] = this.#lines[line]!.slice(0, offset);
    if (code === "J") this.#lines.length = line + 1;
  }

  #put(character: string): void {
    const { line, offset } = this.#place();
    if (character === "\r") this.#column = 0;
    else if (character === "\n") {
      if (line === this.#lines.length - 1) this.#lines.push("");
      this.#row = this.#rowsBefore(line + 1);
      this.#column = 0;
    } else {
      const before = this.#lines[line]!.padEnd(offset);
      this.#lines[line] = before.slice(0, offset) + character + before.slice(offset + 1);
      this.#column++;
    }
  }

  /** Which line the cursor is in, and how far. */
  #place(): { readonly line: number; readonly offset: number } {
    let rows = 0;
    for (const [line, text] of this.#lines.entries()) {
      const height = this.#heightOf(text);
      if (this.#row < rows + height || line === this.#lines.length - 1)
        return { line, offset: (this.#row - rows) * this.#columns + this.#column };
      rows += height;
    }
    throw new Error("a screen has a line at least");
  }

  #rowsBefore(line: number): number {
    return this.#lines.slice(0, line).reduce((sum, text) => sum + this.#heightOf(text), 0);
  }

  #heightOf(text: string): number {
    return Math.max(1, Math.ceil(text.length / this.#columns));
  }
}
