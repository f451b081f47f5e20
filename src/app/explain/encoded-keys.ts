import { isSluiceError } from "../../errors/index.ts";
import { bytesToHex, bytesToMapKey, hexToBytes } from "../../kernel/bytes.ts";
import type { PlannedSource } from "../../plan/index.ts";
import type { KeyCodec, ValueType } from "../../values/index.ts";

/** What tells keys of one type: those of a source's rows, or of a target's. */
export interface KeySpace {
  readonly keyType: ValueType;
  readonly keyCodec: KeyCodec;
  /** A key as text for people. */
  formatKey(key: unknown): string;
}

export function keysOfSource({ step, keyCodec, formatKey }: PlannedSource): KeySpace {
  return { keyType: step.keyType, keyCodec, formatKey };
}

/**
 * The encoded keys that something given for a key may mean, without a look at the keys that there are: the key itself,
 * the one field of a key that has one, or a text that says either as the command line would be given it.
 */
export function encodedKeys(given: unknown, { keyType, keyCodec }: KeySpace): Uint8Array[] {
  const field = onlyField(keyType);
  const encoded = new Map<string, Uint8Array>();
  for (const reading of readings(given)) {
    for (const key of field === null ? [reading] : [reading, { [field]: reading }]) {
      const bytes = encodeIfFit(key, keyCodec);
      if (bytes !== null) encoded.set(bytesToMapKey(bytes), bytes);
    }
  }
  return [...encoded.values()];
}

function onlyField(type: ValueType): string | null {
  if (type.kind !== "struct" || type.fields.length !== 1) return null;
  return type.fields[0]!.name;
}

/** The value, and where it is a text whatever that may say. */
function readings(given: unknown): unknown[] {
  if (typeof given !== "string") return [given];
  return [given, ...numbers(given), ...bytes(given), ...json(given)];
}

function numbers(text: string): unknown[] {
  if (!/^-?\d[\d.eE+-]*$/.test(text)) return [];
  return /^-?\d+$/.test(text) ? [Number(text), BigInt(text)] : [Number(text)];
}

function bytes(text: string): unknown[] {
  return /^0x([0-9a-f]{2})*$/i.test(text) ? [hexToBytes(text.slice(2))] : [];
}

function json(text: string): unknown[] {
  if (!/^(\{.*\}|\[.*\]|true|false)$/s.test(text)) return [];
  try {
    return [JSON.parse(text) as unknown];
  } catch {
    return [];
  }
}

function encodeIfFit(key: unknown, codec: KeyCodec): Uint8Array | null {
  try {
    return codec.encode(key);
  } catch (thrown) {
    if (isSluiceError(thrown) && thrown.code === "value-invalid") return null;
    throw thrown;
  }
}

/** A stored key in words. One of another type is left from before the key's schema changed. */
export function keyText(key: Uint8Array, { keyCodec, formatKey }: KeySpace): string {
  try {
    return formatKey(keyCodec.decode(key));
  } catch {
    return bytesToHex(key);
  }
}
