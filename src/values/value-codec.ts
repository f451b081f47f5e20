import { ByteReader } from "./byte-reader.ts";
import { encoderOf } from "./byte-writer.ts";
import { compileReader } from "./value-reader.ts";
import type { ValueType } from "./value-type.ts";
import { compileWriter } from "./value-writer.ts";

/** Encodes values of one type, so that equal values have equal bytes. */
export interface ValueCodec {
  /**
   * The bytes of a value that fits the type (see `normalizer`); its canonical form is made on the way. Throws
   * SluiceError `value-invalid` where what is given has no encoding.
   */
  encode(value: unknown): Uint8Array;
  /**
   * The canonical value of bytes that `encode` made; it shares no memory with them. Throws SluiceError
   * `store-damaged` for other bytes, as far as they can be told apart; it never hangs or takes memory beyond
   * a small multiple of their length.
   */
  decode(bytes: Uint8Array): unknown;
}

/**
 * Compiles the codec of a type. Two values are equal, and so are their bytes, when they differ only in what says
 * nothing: −0 and 0, the bits of NaN, the order of object keys, absent and undefined, the order of rows in a keyed
 * table, or the writing of a date or time. The order of rows in a table without key counts.
 *
 * The encoding is not self-describing: bytes can be read with the type only that they were written with. Fields of
 * structs follow each other in the order of their names' UTF-8, whatever order the type declares them in.
 */
export function valueCodec(type: ValueType): ValueCodec {
  const read = compileReader(type);
  return {
    encode: encoderOf(compileWriter(type)),
    decode(bytes) {
      const reader = new ByteReader(bytes);
      const value = read(reader);
      reader.end();
      return value;
    },
  };
}
