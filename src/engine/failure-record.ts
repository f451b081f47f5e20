import { type ErrorCode, type ErrorPlace, SluiceError } from "../errors/index.ts";
import { type Backoff, backoffMs } from "../kernel/backoff.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Fingerprint } from "../values/index.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What is kept of a row that failed, or of a target key. */
export interface FailureRecord {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do about it; null where nothing is known. */
  readonly hint: string | null;
  readonly where: ErrorPlace;
  /** How often it failed in a row. */
  readonly attempts: number;
  /** Milliseconds since the Unix epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** When a live update tries it again. Any other update does so whenever it runs. */
  readonly nextAt: number;
  /** What failed was to take away what the row had yielded. */
  readonly removal: boolean;
  /** What was tried, in hexadecimal, so that a change of the row is seen; null where it is not known. */
  readonly tried: {
    /** What the source said of it. */
    readonly version: string | null;
    /** The fingerprint of its value. */
    readonly content: Fingerprint | null;
  } | null;
}

/** The waits of live updates between their attempts at one row. */
const waits: Backoff = { initialDelayMs: 10_000, factor: 2, maxDelayMs: 3_600_000, jitter: true };

/** How long an error may ask to be left alone. */
const longestAskedMs = 86_400_000;

/** The record of a failure that may have followed others. */
export function nextFailure(
  error: SluiceError,
  earlier: FailureRecord | null,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): FailureRecord {
  const { code, message, where } = error;
  const now = clock.now();
  const attempts = (earlier?.attempts ?? 0) + 1;
  const askedMs = Math.min(retryAfterMs(error, now) ?? 0, longestAskedMs);
  return {
    code,
    message,
    hint: error.hint ?? null,
    where,
    attempts,
    firstAt: earlier?.firstAt ?? now,
    lastAt: now,
    nextAt: now + Math.max(askedMs, backoffMs(waits, attempts, random)),
    removal: false,
    tried: null,
  };
}

export function encodeFailureRecord(record: FailureRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

export function decodeFailureRecord(bytes: Uint8Array): FailureRecord {
  try {
    const record = JSON.parse(new TextDecoder().decode(bytes)) as FailureRecord;
    return { ...record, tried: record.tried ?? null };
  } catch (cause) {
    throw new SluiceError("store-damaged", "the failure record of a row cannot be read", { cause });
  }
}
