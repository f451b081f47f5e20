import { type ErrorPlace, isSluiceError, messageOf } from "../errors/index.ts";

export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly where?: ErrorPlace;
}

/** One JSON document: errors as `{ code, message, hint, where }`, bigints as decimal text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => plainMember(member), 2);
}

/** The same on one line. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => plainMember(member));
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

function plainMember(member: unknown): unknown {
  if (typeof member === "bigint") return String(member);
  if (member instanceof Error || isSluiceError(member)) return errorJson(member);
  return member;
}
