import { textWidth } from "./text-width.ts";

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const clearLine = "\u001b[K";
const clearBelow = "\u001b[J";
const drawIntervalMs = 100;

type Write = NodeJS.WriteStream["write"];

/** The lines of a block, for a terminal of this size. They are to be narrower than it, and fewer. */
type LinesOf = (columns: number, rows: number) => readonly string[];

/**
 * A block of lines that stays below everything else that is printed, drawn anew at most ten times a second.
 * What others print meanwhile, to either stream, scrolls by above it.
 */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  readonly #lines: LinesOf;
  readonly #timer: NodeJS.Timeout;
  readonly #unhook: (() => void)[] = [];
  readonly #write: Write;
  /** The lines that stand there; null where none do. */
  #drawn: readonly string[] | null = null;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #soon: NodeJS.Immediate | null = null;
  /** Others are in the middle of a line. */
  #midLine = false;

  constructor(stream: NodeJS.WriteStream, lines: LinesOf) {
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
    if (this.#soon) clearImmediate(this.#soon);
    for (const unhook of this.#unhook) unhook();
    process.off("exit", this.#atExit);
    this.#write(`${this.#erasure()}${showCursor}`);
  }

  readonly #atExit = (): void => {
    this.#write(`${this.#erasure()}${showCursor}`);
  };

  #draw(): void {
    this.#soon = null;
    if (this.#midLine) return;
    const lines = this.#lines(this.#columns(), this.#stream.rows || 24);
    const drawn = this.#drawn;
    if (drawn?.length === lines.length && lines.every((line, index) => line === drawn[index])) return;
    // Written over what is there, in one go: what was cleared before would be seen to flicker.
    this.#write(`${this.#home()}${lines.map((line) => `${line}${clearLine}\n`).join("")}${clearBelow}`);
    this.#drawn = lines;
    this.#drawnAt = performance.now();
  }

  #columns(): number {
    return this.#stream.columns || 80;
  }

  /** Goes up to the first line of the block. A terminal that was made narrower has wrapped its lines. */
  #home(): string {
    const columns = this.#columns();
    const heights = (this.#drawn ?? []).map((line) => Math.max(1, Math.ceil(textWidth(line) / columns)));
    const height = heights.reduce((sum, lines) => sum + lines, 0);
    return height === 0 ? "" : `\u001b[${height}A\r`;
  }

  /** Clears from the first line of the block. */
  #erasure(): string {
    const home = this.#home();
    this.#drawn = null;
    return home === "" ? "" : home + clearBelow;
  }

  #hook(stream: NodeJS.WriteStream): void {
    const write = stream.write.bind(stream) as Write;
    const hooked = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
      this.#write(this.#erasure());
      this.#midLine = !(typeof chunk === "string" ? chunk.endsWith("\n") : chunk.at(-1) === 0x0a);
      const isWritten = write(chunk, ...rest);
      // Before the block is seen to be gone, unless others print all the time.
      if (performance.now() - this.#drawnAt >= drawIntervalMs)
        this.#soon ??= setImmediate(() => this.#draw());
      return isWritten;
    };
    stream.write = hooked as Write;
    this.#unhook.push(() => {
      stream.write = write;
    });
  }
}
