import { type ErrorCode, errorCodes } from "./codes.ts";

/** Where in a user's flow something happened; what is not known is left out. */
export interface ErrorPlace {
  readonly flow?: string;
  readonly transformFlow?: string;
  readonly source?: string;
  /** The row's key as text for people. */
  readonly row?: string;
  /** The function, field, export or derived field. */
  readonly step?: string;
  /** The target's export name. */
  readonly target?: string;
  /** The target row's key as text for people. */
  readonly key?: string;
}

/** What an error says beside its code and message. */
export interface SluiceErrorOptions {
  /** What to do about it, one sentence. */
  readonly hint?: string | undefined;
  readonly where?: ErrorPlace | undefined;
  readonly cause?: unknown;
}

const marker = Symbol.for("sluice.error");

/**
 * The one error class. Recognise one with {@link isSluiceError} and its `code`, not with `instanceof`,
 * which fails where two copies of the package meet.
 */
export class SluiceError extends Error {
  override readonly name: string = "SluiceError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly where: ErrorPlace;

  constructor(code: ErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.where = options.where ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** The exit code that the command line gives this error. */
  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }

  /** The same error, with what is known of the place added; what it says already stays. */
  at(place: ErrorPlace): SluiceError {
    return new SluiceError(this.code, this.message, {
      hint: this.hint,
      where: { ...place, ...this.where },
      ...(this.cause === undefined ? {} : { cause: this.cause }),
    });
  }
}

/** A bug of Sluice: something that its own rules exclude. */
export class InternalError extends SluiceError {
  override readonly name = "InternalError";
  constructor(message: string, options: Omit<SluiceErrorOptions, "hint"> = {}) {
    super("internal", message, { ...options, hint: "This is a bug of Sluice; please report it." });
  }
}

/** Whether something is an error of Sluice, of whatever copy of the package. */
export function isSluiceError(value: unknown): value is SluiceError {
  return typeof value === "object" && value !== null && marker in value;
}

/** Any thrown thing as a SluiceError: itself when it is one, else wrapped under `code` with its own message. */
export function toSluiceError(
  thrown: unknown,
  code: ErrorCode,
  options: SluiceErrorOptions = {},
): SluiceError {
  if (isSluiceError(thrown)) return options.where ? thrown.at(options.where) : thrown;
  return new SluiceError(code, messageOf(thrown), { ...options, cause: thrown });
}

/** What a thrown thing says, whatever it is. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  if (typeof thrown === "object" && thrown !== null && "message" in thrown) return String(thrown.message);
  return String(thrown);
}

/** The place as one line: `flow Docs, source files, row "a.md", step embed`; empty when nothing is known. */
export function formatPlace(place: ErrorPlace): string {
  const parts: string[] = [];
  if (place.flow !== undefined) parts.push(`flow ${place.flow}`);
  if (place.transformFlow !== undefined) parts.push(`transform flow ${place.transformFlow}`);
  if (place.source !== undefined) parts.push(`source ${place.source}`);
  if (place.row !== undefined) parts.push(`row ${place.row}`);
  if (place.step !== undefined) parts.push(`step ${place.step}`);
  if (place.target !== undefined) parts.push(`target ${place.target}`);
  if (place.key !== undefined) parts.push(`key ${place.key}`);
  return parts.join(", ");
}
