import { type ErrorPlace, isSluiceError, messageOf } from "../errors/index.ts";

export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly where?: ErrorPlace;
}

/**
 * One JSON document: errors as `{ code, message, hint, where }`, bigints as decimal text, vectors as arrays, bytes as
 * base64 text.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, plainMember, 2);
}

/** The same on one line. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value, plainMember);
}

export function errorJson(thrown: unknown): ErrorJson {
  if (!isSluiceError(thrown)) return { code: "internal", message: messageOf(thrown) };
  const { code, message, hint, where } = thrown;
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(Object.keys(where).length === 0 ? {} : { where }),
  };
}

/** `this` is the object of the member: buffers turn themselves into something else before they get here. */
function plainMember(this: unknown, name: string, member: unknown): unknown {
  const bytes = (this as Readonly<Record<string, unknown>>)[name];
  if (bytes instanceof Uint8Array) return Buffer.from(bytes).toString("base64");
  if (typeof member === "bigint") return String(member);
  if (member instanceof Float32Array || member instanceof Float64Array) return Array.from(member);
  if (member instanceof Error || isSluiceError(member)) return errorJson(member);
  return member;
}
