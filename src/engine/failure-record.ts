import { type ErrorPlace, SluiceError } from "../errors/index.ts";

/** What is kept of a row that failed. */
export interface FailureRecord {
  readonly code: string;
  readonly message: string;
  readonly where: ErrorPlace;
  /** How often it failed in a row. */
  readonly attempts: number;
  /** Milliseconds since the Unix epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** What failed was to take away what the row had yielded. */
  readonly removal: boolean;
}

/** The record of a failure that may have followed others. */
export function nextFailure(error: SluiceError, earlier: FailureRecord | null, now: number): FailureRecord {
  const { code, message, where } = error;
  const attempts = (earlier?.attempts ?? 0) + 1;
  return { code, message, where, attempts, firstAt: earlier?.firstAt ?? now, lastAt: now, removal: false };
}

export function encodeFailureRecord(record: FailureRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

export function decodeFailureRecord(bytes: Uint8Array): FailureRecord {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as FailureRecord;
  } catch (cause) {
    throw new SluiceError("store-damaged", "the failure record of a row cannot be read", { cause });
  }
}
