import { isSluiceError, messageOf, SluiceError } from "../../errors/index.ts";
import { causeChain } from "../../kernel/cause-chain.ts";

/**
 * SQLSTATEs, whole or by their class, that say that no other row would fare better: connections (08), authorization
 * (28), no such database (3D), resources (53), a server that goes down or comes up (57P), a standby (25006), the
 * server's own disk (58, XX).
 */
const unavailableStates = /^(08|28|3D|53|57P|25006|58|XX)/;
/** Two transactions came in each other's way: the same again may well succeed. */
const collidedStates: ReadonlySet<string> = new Set(["40001", "40P01"]);
const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENOENT|EACCES)$/;
/** What `pg` and PGlite say without a code. */
const lostMessages =
  /connection terminated|timeout exceeded when trying to connect|not queryable|client was closed|calling end on the pool|server does not support SSL|PGlite is (closed|closing)/i;

/** The SQLSTATE of an error of the server, null where it is none. */
export function sqlState(thrown: unknown): string | null {
  for (const { code, severity } of causeChain(thrown))
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined) return code;
  return null;
}

/** Whether an error says that the database cannot be reached, or cannot serve anybody now. */
export function isUnavailable(thrown: unknown): boolean {
  const state = sqlState(thrown);
  if (state !== null) return unavailableStates.test(state);
  for (const { code, message } of causeChain(thrown)) {
    if (typeof code === "string" && networkCodes.test(code)) return true;
    if (typeof message === "string" && lostMessages.test(message)) return true;
  }
  return false;
}

/** Whether the same transaction may succeed when it is tried again at once. */
export function isCollision(thrown: unknown): boolean {
  return collidedStates.has(sqlState(thrown) ?? "");
}

/**
 * An error of a driver as one of Sluice's: `target-unavailable` or `listing-failed`, say, where the database cannot
 * be reached, else `code`. Its cause keeps what the server said and leaves out what drivers add of queries, their
 * parameters and connections.
 */
export function toPostgresError(
  thrown: unknown,
  codes: { readonly unavailable: SluiceError["code"]; readonly otherwise: SluiceError["code"] },
): SluiceError {
  if (isSluiceError(thrown)) return thrown;
  const code = isUnavailable(thrown) ? codes.unavailable : codes.otherwise;
  return new SluiceError(code, textOf(thrown), { hint: hintOf(thrown), cause: plainCause(thrown) });
}

function textOf(thrown: unknown): string {
  const message = messageOf(thrown);
  const state = sqlState(thrown);
  if (state !== null) return `${message} (SQLSTATE ${state})`;
  // An error of several addresses has a code and no message.
  const code = [...causeChain(thrown)].find(({ code }) => typeof code === "string")?.code;
  return typeof code === "string" && !message.includes(code) ? `${message} ${code}` : message;
}

function hintOf(thrown: unknown): string | undefined {
  const state = sqlState(thrown) ?? "";
  if (state.startsWith("28")) return "Check the user and the password of the connection.";
  if (state === "3D000") return "Create the database, or correct its name in the connection.";
  if (state === "42501") return "Grant the user of the connection what it lacks.";
  if (state === "53300") return "Give the pool a smaller max, or the server a greater max_connections.";
  if (isUnavailable(thrown))
    return "Check that the database runs and that the connection's host and port are its.";
  return undefined;
}

function plainCause(thrown: unknown): Error {
  const { code, detail, constraint, column, table } = Object(thrown) as Readonly<Record<string, unknown>>;
  const cause = new Error(messageOf(thrown));
  return Object.assign(cause, dropUndefined({ code, detail, constraint, column, table }));
}

function dropUndefined(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
