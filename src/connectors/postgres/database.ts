import type { PgliteShape, PgPoolShape, SqlRow } from "./client-shapes.ts";

/** Where statements run. */
export interface Session {
  /** The rows of one statement; values are given as text, numbers or booleans and cast in the statement. */
  query(text: string, values?: readonly unknown[]): Promise<readonly SqlRow[]>;
  /** Runs one statement or several, without values. */
  script(text: string): Promise<void>;
  /** The client that statements go to, for what only its driver can do. */
  readonly client: unknown;
}

/** What the driver behind a database is, for what only one of them can do. */
export type Driver =
  | { readonly kind: "pg"; readonly pool: PgPoolShape }
  | { readonly kind: "pglite"; readonly client: PgliteShape };

/** An open connection to a database, whatever carries it. */
export interface Database extends Session {
  readonly driver: Driver;
  /**
   * Runs `work` in one transaction, which is committed when it resolves and rolled back when it rejects. When `signal`
   * aborts meanwhile, the transaction is given up. Tried again, twice at most, when it collided with another.
   */
  transaction<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Lets go of what was opened here; a pool or PGlite of the user's stays open. Idempotent. */
  close(): Promise<void>;
}
