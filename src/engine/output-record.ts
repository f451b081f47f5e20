import type { TargetId } from "../contracts/state-store.ts";
import { bytesToHex, hexToBytes } from "../kernel/bytes.ts";
import { type ByteWriter, type Fingerprint, valueCodec, withWriter } from "../values/index.ts";
import { bytesType, intType, recordListType } from "./record-type.ts";

/** What a row may have in targets, and what it was made with. */
export interface OutputRecord {
  readonly targets: readonly TargetOutput[];
}

/** What a row may have in one target. */
export interface TargetOutput {
  readonly target: TargetId;
  /** The logic that the entries were made with. */
  readonly logic: Fingerprint;
  /** The memos that making them used. */
  readonly memos: readonly Fingerprint[];
  readonly entries: readonly OutputEntry[];
}

/**
 * One target row: its encoded key and every state that it may be in, each once. At rest exactly one. None where the
 * owner index keeps them, since other rows may yield the key too.
 */
export interface OutputEntry {
  readonly key: Uint8Array;
  readonly states: readonly EntryState[];
}

/** The fingerprint of a value as its target has it, or absent. */
export type EntryState = Fingerprint | typeof absent;

export const absent = "absent" as const;

/** Fingerprints lie one after the other, 16 bytes each; an absent state is 16 zero bytes. */
const codec = valueCodec(
  recordListType({
    target: intType,
    logic: bytesType,
    memos: bytesType,
    entries: recordListType({ key: bytesType, states: bytesType }),
  }),
);

interface StoredTarget {
  readonly target: number;
  readonly logic: Uint8Array;
  readonly memos: Uint8Array;
  readonly entries: readonly { readonly key: Uint8Array; readonly states: Uint8Array }[];
}

const fingerprintBytes = 16;
const absentHex = "0".repeat(2 * fingerprintBytes);

/** What the codec would write, straight from the fingerprints' digits: each row that lands does it twice. */
export function encodeOutputRecord({ targets }: OutputRecord): Uint8Array {
  return withWriter((writer) => {
    writer.varuint(targets.length);
    for (const { target, logic, memos, entries } of targets) {
      writer.varuint(entries.length);
      for (const { key, states } of entries) {
        writer.varuint(key.length);
        writer.raw(key);
        writeFingerprints(writer, states);
      }
      writeFingerprints(writer, [logic]);
      writeFingerprints(writer, memos);
      writer.varint(target);
    }
    return writer.take();
  });
}

function writeFingerprints(writer: ByteWriter, fingerprints: readonly EntryState[]): void {
  writer.varuint(fingerprints.length * fingerprintBytes);
  for (const fingerprint of fingerprints) writer.hex(fingerprint === absent ? absentHex : fingerprint);
}

export function decodeOutputRecord(bytes: Uint8Array): OutputRecord {
  const stored = codec.decode(bytes) as readonly StoredTarget[];
  return {
    targets: stored.map(({ target, logic, memos, entries }) => ({
      target: target as TargetId,
      logic: bytesToHex(logic) as Fingerprint,
      memos: splitFingerprints(memos),
      entries: entries.map(({ key, states }) => ({
        key,
        states: decodeStates(states),
      })),
    })),
  };
}

export function decodeStates(bytes: Uint8Array): EntryState[] {
  return splitFingerprints(bytes).map((state) => (state === absentHex ? absent : state));
}

export function encodeStates(states: readonly EntryState[]): Uint8Array {
  return hexToBytes(states.map((state) => (state === absent ? absentHex : state)).join(""));
}

function splitFingerprints(bytes: Uint8Array): Fingerprint[] {
  const hex = bytesToHex(bytes);
  const all: Fingerprint[] = [];
  for (let at = 0; at < hex.length; at += 2 * fingerprintBytes) {
    all.push(hex.slice(at, at + 2 * fingerprintBytes) as Fingerprint);
  }
  return all;
}
