import { posix } from "node:path";
import { z } from "zod";
import {
  connectionNamed,
  isNamedConnection,
  type NamedConnection,
} from "../../contracts/named-connection.ts";
import type { Json } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { parseTimeSpan } from "../../kernel/time-span.ts";

/** What a named connection of LanceDB stands for. */
export interface LanceConnection {
  /** A directory, relative to the app directory, or a location in an object store: `s3://bucket/path`. */
  readonly uri: string;
  /** Options of the object store, such as `region` and `aws_secret_access_key`; they are never stored or shown. */
  readonly storageOptions?: Readonly<Record<string, string>>;
}

/** Where a table of LanceDB is, and how it is kept. */
export interface LanceOptions {
  /**
   * The database: a directory, relative to the app directory, a location in an object store (`s3://bucket/path`, with
   * credentials from the environment), or a connection that `defineConnection` names.
   */
  readonly uri: string | NamedConnection<LanceConnection>;
  /** The table's name; `flow__target` where left out, with the app namespace and `__` before it where there is one. */
  readonly table?: string | undefined;
  /**
   * How long versions of the table are kept that newer ones replaced, for those who are reading them: `"1h"`-style
   * text or milliseconds. Default one hour.
   */
  readonly keepVersions?: string | number | undefined;
}

const location = z.custom<string | NamedConnection<LanceConnection>>(
  (given) => (typeof given === "string" && isLocation(given)) || isNamedConnection(given),
  { error: "must be a directory, an address of an object store without credentials, or defineConnection(…)" },
);

/** The spec; its `uri` is what is stored and shown. */
export const lanceSpec = z.strictObject({
  uri: location.transform(
    (given): LanceReference =>
      typeof given === "string" ? { uri: tidyUri(given) } : { connection: given.name },
  ),
  table: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,200}$/, "has other characters than letters, digits, _, - and .")
    .optional(),
  keepVersions: z
    .union([z.string(), z.number()])
    .refine((given) => parseTimeSpan(given) !== null, 'must be a time span, such as "1h"')
    .transform((given) => parseTimeSpan(given)!)
    .default(3_600_000),
});

export type LanceSpec = z.output<typeof lanceSpec>;

/** Where a database is, as it is stored and shown. */
export type LanceReference = { readonly uri: string } | { readonly connection: string };

const storedPlace = z.object({
  database: z.union([z.strictObject({ uri: z.string() }), z.strictObject({ connection: z.string() })]),
  table: z.string(),
});

/** A table of a database: the persistent key of the target. */
export type LancePlace = z.output<typeof storedPlace>;

export function placeOf(key: Json): LancePlace {
  return storedPlace.parse(key);
}

export function describePlace({ database, table }: LancePlace): string {
  const where = "uri" in database ? database.uri : `connection ${database.connection}`;
  return `LanceDB table ${table} in ${where}`;
}

/**
 * What a reference stands for now.
 *
 * @throws SluiceError `connection-missing`
 */
export function resolveDatabase(database: LanceReference): LanceConnection {
  if ("uri" in database) return database;
  const value = connectionNamed(database.connection);
  const parsed = z
    .object({ uri: z.string(), storageOptions: z.record(z.string(), z.string()).optional() })
    .safeParse(value);
  if (parsed.success) {
    const { uri, storageOptions } = parsed.data;
    return { uri: tidyUri(uri), ...(storageOptions && { storageOptions }) };
  }
  throw new SluiceError("connection-missing", `connection ${database.connection} is no LanceDB database`, {
    hint: 'Give defineConnection { uri: "…", storageOptions: { … } }.',
  });
}

/** Whether a location is in an object store rather than a directory. */
export function isRemote(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(uri);
}

/** Equal places are equal text: `./data/` is `data`. */
function tidyUri(uri: string): string {
  if (isRemote(uri)) return uri.replace(/\/+$/, "");
  const path = posix.normalize(uri);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function isLocation(uri: string): boolean {
  return uri.trim() !== "" && !(isRemote(uri) && /:\/\/[^/]*@/.test(uri));
}
