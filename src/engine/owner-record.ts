import type { SourceId } from "../contracts/state-store.ts";
import { bytesToHex, hexToBytes } from "../kernel/bytes.ts";
import { type Fingerprint, valueCodec } from "../values/index.ts";
import { decodeStates, type EntryState, encodeStates } from "./output-record.ts";
import {
  bytesType,
  flagType,
  intType,
  optionalBytesType,
  recordListType,
  recordType,
} from "./record-type.ts";

/** What is kept of one target key that several rows may yield. */
export interface OwnerRecord {
  /** The rows that yield the key, each once, in no order. */
  readonly claims: readonly Claim[];
  /** Every state that the target row may be in. */
  readonly states: readonly EntryState[];
  /** The target may not hold what the claims ask for, and no row of theirs is marked: it must be settled. */
  readonly owed: boolean;
  /** An encoded failure record, where nobody claims the key any more and it could not be deleted. */
  readonly failure: Uint8Array | null;
}

/** That a row yields a target key. */
export interface Claim {
  readonly source: SourceId;
  /** The row's encoded key. */
  readonly row: Uint8Array;
  /** The value that it yields; null where that is not known. */
  readonly fingerprint: Fingerprint | null;
}

const codec = valueCodec(
  recordType({
    claims: recordListType({ source: intType, row: bytesType, fingerprint: optionalBytesType }),
    states: bytesType,
    owed: flagType,
    failure: optionalBytesType,
  }),
);

interface StoredOwner {
  readonly claims: readonly {
    readonly source: number;
    readonly row: Uint8Array;
    readonly fingerprint: Uint8Array | null;
  }[];
  readonly states: Uint8Array;
  readonly owed: boolean;
  readonly failure: Uint8Array | null;
}

export function encodeOwnerRecord({ claims, states, owed, failure }: OwnerRecord): Uint8Array {
  const stored: StoredOwner = {
    claims: claims.map(({ source, row, fingerprint }) => ({
      source,
      row,
      fingerprint: fingerprint === null ? null : hexToBytes(fingerprint),
    })),
    states: encodeStates(states),
    owed,
    failure,
  };
  return codec.encode(stored);
}

export function decodeOwnerRecord(bytes: Uint8Array): OwnerRecord {
  const { claims, states, owed, failure } = codec.decode(bytes) as StoredOwner;
  return {
    claims: claims.map(({ source, row, fingerprint }) => ({
      source: source as SourceId,
      row,
      fingerprint: fingerprint === null ? null : (bytesToHex(fingerprint) as Fingerprint),
    })),
    states: decodeStates(states),
    owed,
    failure,
  };
}
