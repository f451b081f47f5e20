import { SluiceError } from "../../errors/index.ts";

/** The canonical name of a text encoding of the Encoding Standard, by any of its labels; null when unknown. */
export function findEncoding(label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).encoding;
  } catch {
    return null;
  }
}

/**
 * The bytes as text, a byte order mark left out.
 *
 * @throws SluiceError `text-undecodable` with the offset where the bytes stop being text of that encoding
 */
export function decodeText(bytes: Uint8Array, encoding: string, path: string): string {
  if (encoding === "windows-1252") return decodeWindows1252(bytes);
  try {
    return decoderOf(encoding).decode(bytes);
  } catch (cause) {
    const at = findUndecodable(bytes, encoding);
    throw new SluiceError(
      "text-undecodable",
      `${JSON.stringify(path)} is not ${encoding} text: byte ${at} cannot be decoded`,
      {
        hint: "Set encoding if it is another one, read bytes with binary: true, or leave the file out with excludedPatterns.",
        cause,
      },
    );
  }
}

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** Making one costs more than a small file. */
function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  const known = decoders.get(encoding) ?? new TextDecoder(encoding, { fatal: true });
  decoders.set(encoding, known);
  return known;
}

/** Bytes 0x80 to 0x9F of windows-1252, by the Encoding Standard; the others are the code points of Latin-1. */
const windows1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** Node versions disagree here: some decode this encoding as Latin-1, and a text must not depend on that. */
function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return latin1.replace(/[\x80-\x9f]/g, (control) => windows1252[control.charCodeAt(0) - 0x80]!);
}

const chunkSize = 65_536;
/** No sequence of any encoding is longer. */
const longestSequence = 16;

/** Where the sequence begins that cannot be decoded: after the last one that yielded a character. */
function findUndecodable(bytes: Uint8Array, encoding: string): number {
  const from = Math.max(0, findUndecodableChunk(bytes, encoding) - longestSequence);
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  decoder.decode(bytes.subarray(0, from), { stream: true });
  let begin = from;
  try {
    for (let at = from; at < bytes.length; at++) {
      if (decoder.decode(bytes.subarray(at, at + 1), { stream: true }) !== "") begin = at + 1;
    }
  } catch {
    // What began there is the one; so it is where the bytes end in the middle of a sequence.
  }
  return begin;
}

/** The chunk in which decoding fails first; the last one where only the end is missing. */
function findUndecodableChunk(bytes: Uint8Array, encoding: string): number {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let at = 0;
  try {
    for (; at + chunkSize < bytes.length; at += chunkSize) {
      decoder.decode(bytes.subarray(at, at + chunkSize), { stream: true });
    }
  } catch {
    // Found.
  }
  return at;
}
