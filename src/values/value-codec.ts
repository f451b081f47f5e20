import { ByteReader } from "./byte-reader.ts";
import { encoderOf, withWriter } from "./byte-writer.ts";
import { type Fingerprint, fingerprint } from "./fingerprint.ts";
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
  /** The fingerprint of what `encode` makes of a value, with `seed` before it; the bytes themselves are not kept. */
  digest(value: unknown, seed?: Uint8Array): Digest;
  /**
   * The canonical value of bytes that `encode` made; it shares no memory with them. Throws SluiceError
   * `store-damaged` for other bytes, as far as they can be told apart; it never hangs or takes memory beyond
   * a small multiple of their length.
   */
  decode(bytes: Uint8Array): unknown;
}

/** What is to be known of a value's encoding where it is not wanted itself. */
export interface Digest {
  readonly fingerprint: Fingerprint;
  /** How many bytes the encoding has, the seed left out. */
  readonly size: number;
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
  const write = compileWriter(type);
  return {
    encode: encoderOf(write),
    digest: (value, seed = noSeed) =>
      withWriter((writer) => {
        writer.raw(seed);
        write(writer, value);
        return { fingerprint: fingerprint(writer.written), size: writer.length - seed.length };
      }),
    decode(bytes) {
      const reader = new ByteReader(bytes);
      const value = read(reader);
      reader.end();
      return value;
    },
  };
}

const noSeed = new Uint8Array(0);
