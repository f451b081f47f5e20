import { SluiceError } from "../errors/index.ts";
import { hexToBytes } from "../kernel/bytes.ts";
import { copyBytes } from "../kernel/copy-bytes.ts";
import { isWellFormed } from "./well-formed.ts";

const utf8 = new TextEncoder();
const shortText = 24;
const shortRawText = 64;
/** A buffer that has grown beyond this is let go after use. */
const keptBytes = 4 * 1024 * 1024;

/** Appends to a buffer that grows and is used again; {@link ByteWriter.take} copies out what was written. */
export class ByteWriter {
  bytes = new Uint8Array(1024);
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Makes room for `count` more bytes and returns where they start; they count as written. */
  claim(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.bytes.length) this.#grow(this.length);
    return at;
  }

  u8(value: number): void {
    const at = this.claim(1);
    this.bytes[at] = value;
  }

  /** A non-negative safe integer, 7 bits a byte, the lowest first. */
  varuint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  /** A safe integer: sign and 6 bits in the first byte, so that the whole range stays exact in a `number`. */
  varint(value: number): void {
    const negative = value < 0;
    const magnitude = negative ? -(value + 1) : value;
    const first = (magnitude % 0x40) | (negative ? 0x40 : 0);
    this.u8(magnitude < 0x40 ? first : first | 0x80);
    if (magnitude >= 0x40) this.varuint(Math.floor(magnitude / 0x40));
  }

  raw(bytes: Uint8Array): void {
    const at = this.claim(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** The bytes that hexadecimal digits stand for. */
  hex(digits: string): void {
    const at = this.claim(digits.length >> 1);
    hexToBytes(digits, this.bytes, at);
  }

  /** UTF-8 with its length in bytes before it. */
  text(text: string): void {
    if (text.length <= shortText && this.#shortAscii(text)) return;
    if (!isWellFormed(text)) throw loneSurrogate();
    this.#longText(text);
  }

  /** UTF-8 and nothing else. */
  rawText(text: string): void {
    if (text.length <= shortRawText && this.#rawAscii(text)) return;
    if (!isWellFormed(text)) throw loneSurrogate();
    const from = this.claim(text.length * 3);
    this.length = from + utf8.encodeInto(text, this.bytes.subarray(from)).written;
  }

  /** What was written, as a view that is valid until more is. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written, as bytes of its own; the writer is empty afterwards. */
  take(): Uint8Array {
    const written = copyBytes(this.written);
    this.reset();
    return written;
  }

  reset(): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.#use(new Uint8Array(1024));
  }

  #shortAscii(text: string): boolean {
    const start = this.length;
    this.u8(text.length);
    if (this.#rawAscii(text)) return true;
    this.length = start;
    return false;
  }

  /** Writes a text of nothing but ASCII, in a loop: what the encoder costs for each call is more than a short text. */
  #rawAscii(text: string): boolean {
    const start = this.claim(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.length = start;
        return false;
      }
      this.bytes[start + i] = code;
    }
    return true;
  }

  /** The prefix is sized for ASCII and widened afterwards where the text turns out longer. */
  #longText(text: string): void {
    const start = this.length;
    const guessed = varuintSize(text.length);
    const from = this.claim(guessed + text.length * 3 + 8) + guessed;
    const { written } = utf8.encodeInto(text, this.bytes.subarray(from));
    const size = varuintSize(written);
    if (size !== guessed) this.bytes.copyWithin(start + size, from, from + written);
    this.length = start;
    this.varuint(written);
    this.length = start + size + written;
  }

  #grow(needed: number): void {
    const wider = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    wider.set(this.bytes);
    this.#use(wider);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** Turns a function that writes into one that returns bytes. */
export function encoderOf(
  write: (writer: ByteWriter, value: unknown) => void,
): (value: unknown) => Uint8Array {
  return (value) =>
    withWriter((writer) => {
      write(writer, value);
      return writer.take();
    });
}

/**
 * Lends out one writer, empty, that is used again and again. A call from within a call (a getter of a user's object)
 * gets a writer of its own.
 */
export function withWriter<T>(use: (writer: ByteWriter) => T): T {
  const writer = idle ?? new ByteWriter();
  idle = null;
  try {
    return use(writer);
  } finally {
    writer.reset();
    idle = writer;
  }
}

let idle: ByteWriter | null = null;

function varuintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

function loneSurrogate(): SluiceError {
  return new SluiceError("value-invalid", "A text has a lone surrogate, which is no character.", {
    hint: "Repair it with text.toWellFormed().",
  });
}
