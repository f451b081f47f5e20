import type { StandingFailure } from "./explanation.ts";

/** What of a failure record is told. */
export function standing({
  code,
  message,
  where,
  attempts,
  firstAt,
  lastAt,
  removal,
}: StandingFailure): StandingFailure {
  return { code, message, where, attempts, firstAt, lastAt, removal };
}
