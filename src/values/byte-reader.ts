import { SluiceError } from "../errors/index.ts";

// A byte order mark inside a value is a character like any other.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const shortText = 24;

/** Reads bytes from the front; whatever is not as it must be is a SluiceError `store-damaged`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at = 0;
  /** Levels of arrays and objects around the place where it reads. */
  depth = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's slice shares memory and its class would show in the values; a plain view has neither fault.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Steps over `count` bytes and returns where they start. */
  claim(count: number): number {
    if (count > this.left) throw damaged("it ends too early");
    const at = this.at;
    this.at = at + count;
    return at;
  }

  u8(): number {
    if (this.at >= this.bytes.length) throw damaged("it ends too early");
    return this.bytes[this.at++]!;
  }

  /** A byte that is 0 or 1. */
  flag(): boolean {
    const byte = this.u8();
    if (byte > 1) throw damaged(`a flag is ${byte}`);
    return byte === 1;
  }

  varuint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw damaged("a number is too large");
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw damaged("a number is longer than it need be");
        return value;
      }
      if (scale >= 2 ** 49) throw damaged("a number is too large");
    }
  }

  varint(): number {
    const first = this.u8();
    const magnitude = (first & 0x3f) + (first & 0x80 ? this.#highPart() * 0x40 : 0);
    const value = first & 0x40 ? -magnitude - 1 : magnitude;
    if (!Number.isSafeInteger(value)) throw damaged("a number is too large");
    return value;
  }

  /** How many elements follow, each of which takes a byte or more: so a damaged count costs no memory. */
  count(bytesEach = 1): number {
    const count = this.varuint();
    if (count * bytesEach > this.left) throw damaged("a length is larger than what follows");
    return count;
  }

  /** A copy of the next bytes. */
  raw(count: number): Uint8Array {
    const at = this.claim(count);
    return this.bytes.slice(at, at + count);
  }

  text(): string {
    const length = this.count();
    const at = this.claim(length);
    if (length <= shortText) {
      const ascii = this.#shortAscii(at, length);
      if (ascii !== null) return ascii;
    }
    return decodeText(this.bytes.subarray(at, at + length));
  }

  /** Must be called last: nothing may follow a value. */
  end(): void {
    if (this.left > 0) throw damaged(`${this.left} bytes follow its end`);
  }

  #highPart(): number {
    const high = this.varuint();
    if (high === 0) throw damaged("a number is longer than it need be");
    return high;
  }

  #shortAscii(at: number, length: number): string | null {
    let text = "";
    for (let i = at; i < at + length; i++) {
      const byte = this.bytes[i]!;
      if (byte >= 0x80) return null;
      text += String.fromCharCode(byte);
    }
    return text;
  }
}

/** Text of UTF-8 bytes. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw damaged("a text is not UTF-8", cause);
  }
}

/** The error for bytes that no encoder of Sluice wrote. */
export function damaged(detail: string, cause?: unknown): SluiceError {
  return new SluiceError("store-damaged", `An encoded value is damaged: ${detail}.`, { cause });
}
