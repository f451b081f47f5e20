import type { TargetRow } from "../contracts/target.ts";
import { messageOf } from "../errors/index.ts";
import type { Fingerprint } from "../values/index.ts";
import { normalizer } from "../values/index.ts";
import { keyFromTarget } from "./target-key.ts";
import { type ExportShape, valueDigester } from "./value-fingerprint.ts";

/** A row that a target gave back, in the form in which rows are compared. */
export interface ReadBackRow {
  /** The key as the target gave it. */
  readonly given: unknown;
  /** The encoded key; null for one that the export cannot have written. */
  readonly key: Uint8Array | null;
  /** Null for a value that the export cannot have written. */
  readonly value: Fingerprint | null;
  /** What does not fit. */
  readonly misfit: string | null;
}

/** Compiles what brings rows of a target into the form in which the store knows them. */
export function readBackDigest(shape: ExportShape): (row: TargetRow<unknown, unknown>) => ReadBackRow {
  const { planned } = shape;
  const normalizeKey = normalizer(planned.keyType);
  const normalizeValue = normalizer(planned.valueType);
  const digest = valueDigester(shape);
  return ({ key: given, value }) => {
    let key: Uint8Array | null = null;
    try {
      key = planned.keyCodec.encode(normalizeKey(keyFromTarget(planned, given)));
      return { given, key, value: digest(normalizeValue(value)).fingerprint, misfit: null };
    } catch (thrown) {
      return { given, key, value: null, misfit: messageOf(thrown) };
    }
  };
}

const longest = 120;

/** A key that does not fit the export's, as short text. */
export function givenKeyText(given: unknown): string {
  const text = asJson(given);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function asJson(given: unknown): string {
  try {
    const plain = (_name: string, member: unknown) => (typeof member === "bigint" ? String(member) : member);
    return JSON.stringify(given, plain) ?? String(given);
  } catch {
    return String(given);
  }
}
