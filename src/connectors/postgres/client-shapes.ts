// What is asked of the clients that users bring: a shape, so that neither package need be installed for the types.

/** A row as a driver gives it. Select `column::text` where the driver's own reading of a type is not wanted. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** What is used of a client of the package `pg`. */
export interface PgClientShape {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: SqlRow[] }>;
  on(event: "error" | "notification" | "end", listener: (argument: unknown) => void): unknown;
  removeListener(event: "error" | "notification" | "end", listener: (argument: unknown) => void): unknown;
}

/** What is used of a client that a pool has lent. */
export interface PgPoolClientShape extends PgClientShape {
  /** With true, or an error, the client is closed and not lent again. */
  release(destroy?: boolean | Error): void;
}

/** What is used of a `pg.Pool`: yours may be of any version of `pg` 8. */
export interface PgPoolShape {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: SqlRow[] }>;
  connect(): Promise<PgPoolClientShape>;
}

/** What is used inside a transaction of PGlite. */
export interface PgliteSessionShape {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  exec(text: string): Promise<unknown>;
}

/** What is used of a `PGlite` of the package `@electric-sql/pglite`. */
export interface PgliteShape extends PgliteSessionShape {
  transaction<T>(work: (session: PgliteSessionShape) => Promise<T>): Promise<T | undefined>;
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

/** Whether a value has the shape of a pool of `pg`. */
export function isPgPool(value: unknown): value is PgPoolShape {
  return hasMethods(value, ["query", "connect"]) && !isPglite(value);
}

/** Whether a value has the shape of a PGlite. */
export function isPglite(value: unknown): value is PgliteShape {
  return hasMethods(value, ["query", "exec", "transaction", "listen"]);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === "function");
}
