const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const drawIntervalMs = 100;

type Write = NodeJS.WriteStream["write"];

/**
 * A block of lines that stays below everything else that is printed, drawn anew at most ten times a second.
 * What others print meanwhile, to either stream, scrolls by above it.
 */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  readonly #lines: (columns: number) => readonly string[];
  readonly #timer: NodeJS.Timeout;
  readonly #unhook: (() => void)[] = [];
  readonly #write: Write;
  #drawn = 0;
  #last = "";
  /** Others are in the middle of a line. */
  #midLine = false;

  constructor(stream: NodeJS.WriteStream, lines: (columns: number) => readonly string[]) {
    this.#stream = stream;
    this.#lines = lines;
    this.#write = stream.write.bind(stream) as Write;
    for (const hooked of new Set([process.stdout, stream])) if (hooked.isTTY) this.#hook(hooked);
    process.on("exit", this.#atExit);
    this.#write(hideCursor);
    this.#timer = setInterval(() => this.#draw(), drawIntervalMs);
    this.#timer.unref();
  }

  /** Takes the block away and gives the cursor back. */
  close(): void {
    clearInterval(this.#timer);
    for (const unhook of this.#unhook) unhook();
    process.off("exit", this.#atExit);
    this.#write(`${this.#erasure()}${showCursor}`);
  }

  readonly #atExit = (): void => {
    this.#write(`${this.#erasure()}${showCursor}`);
  };

  #draw(): void {
    if (this.#midLine) return;
    const lines = this.#lines(this.#stream.columns || 80);
    const text = lines.join("\n");
    if (this.#drawn > 0 && text === this.#last) return;
    this.#write(`${this.#erasure()}${text}\n`);
    this.#drawn = lines.length;
    this.#last = text;
  }

  /** Goes up to the first line of the block and clears from there. */
  #erasure(): string {
    const up = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\r\u001b[J`;
    this.#drawn = 0;
    return up;
  }

  #hook(stream: NodeJS.WriteStream): void {
    const write = stream.write.bind(stream) as Write;
    const hooked = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
      this.#write(this.#erasure());
      this.#midLine = !(typeof chunk === "string" ? chunk.endsWith("\n") : chunk.at(-1) === 0x0a);
      return write(chunk, ...rest);
    };
    stream.write = hooked as Write;
    this.#unhook.push(() => {
      stream.write = write;
    });
  }
}
