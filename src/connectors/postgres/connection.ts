import { z } from "zod";
import {
  connectionNamed,
  isNamedConnection,
  type NamedConnection,
} from "../../contracts/named-connection.ts";
import { env, type Secret } from "../../contracts/secret.ts";
import type { Json } from "../../contracts/target.ts";
import { isSluiceError, SluiceError } from "../../errors/index.ts";
import { isPglite, isPgPool, type PgliteShape, type PgPoolShape } from "./client-shapes.ts";
import { stripUrl, urlOf } from "./database-url.ts";

/** The options of a `pg.Pool`, such as `host`, `port`, `user`, `password`, `database`, `ssl` and `max`. */
export interface PgPoolOptions {
  readonly [option: string]: unknown;
}

/** What a named connection of Postgres may stand for: a URL, options of a pool, a pool of yours, or a PGlite of yours. */
export type ConnectionValue = string | Secret | PgPoolOptions | PgPoolShape | PgliteShape;

/**
 * How to reach a database: its URL, `env("DATABASE_URL")`, or a connection that `defineConnection` names. A URL is
 * stored and shown without its password.
 */
export type PostgresConnection = string | Secret | NamedConnection<ConnectionValue>;

/** How to reach a database, in the form that is stored and shown. */
export type ConnectionReference =
  | { readonly env: string }
  | { readonly connection: string }
  /** With `***` in place of what is secret. */
  | { readonly url: string };

/** The field `connection` of a spec; it yields a {@link ConnectionReference}. */
export const connectionField: z.ZodType<ConnectionReference, PostgresConnection> = z
  .custom<PostgresConnection>(isConnection, {
    error: 'must be a URL as text, env("NAME") or defineConnection(…)',
  })
  .transform((given, context) => {
    try {
      return referenceOf(given);
    } catch (thrown) {
      if (!isSluiceError(thrown)) throw thrown;
      context.addIssue({ code: "custom", message: `${thrown.message}. ${thrown.hint}`, input: null });
      return z.NEVER;
    }
  });

const storedReference = z.union([
  z.strictObject({ env: z.string() }),
  z.strictObject({ connection: z.string() }),
  z.strictObject({ url: z.string() }),
]);

/** A reference that was read from a record. */
export function parseReference(stored: Json): ConnectionReference {
  return storedReference.parse(stored);
}

/** The reference in words, for messages and plans. */
export function describeReference(reference: ConnectionReference): string {
  if ("env" in reference) return `the database of ${reference.env}`;
  if ("connection" in reference) return `connection ${reference.connection}`;
  return reference.url;
}

/**
 * What a reference stands for now.
 *
 * @throws SluiceError `connection-missing`, `secret-missing`
 */
export function resolveReference(reference: ConnectionReference): ConnectionValue {
  if ("env" in reference) return env(reference.env).reveal();
  if ("url" in reference) return urlOf(reference.url);
  const value = connectionNamed(reference.connection);
  if (isSecret(value)) return value.reveal();
  if (typeof value === "string" || isPgPool(value) || isPglite(value)) return value;
  if (typeof value === "object" && value !== null) return value as PgPoolOptions;
  throw new SluiceError(
    "connection-missing",
    `connection ${reference.connection} is nothing to connect with`,
    {
      hint: "Give defineConnection a URL, options of a pg.Pool, a pg.Pool or a PGlite.",
    },
  );
}

function referenceOf(given: PostgresConnection): ConnectionReference {
  if (typeof given === "string") return { url: stripUrl(given) };
  if (isNamedConnection(given)) return { connection: given.name };
  return storedReference.parse(given.reference);
}

function isConnection(given: unknown): boolean {
  return (
    typeof given === "string" || isNamedConnection(given) || (isSecret(given) && isFromEnvironment(given))
  );
}

/** Of whatever copy of the package. */
function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && "reveal" in value && "reference" in value;
}

function isFromEnvironment({ reference }: Secret): boolean {
  return storedReference.safeParse(reference).success;
}
