import { mkdirSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { messageOf, SluiceError } from "../../errors/index.ts";
import type { PgliteShape } from "./client-shapes.ts";
import { lockDirectory } from "./directory-lock.ts";

/** Which directory to open. */
export interface OpenPgliteOptions {
  /** Where the database is, absolute or relative to `appDirectory`; made where it is missing. */
  readonly directory: string;
  /** What a relative directory resolves against. The working directory where left out. */
  readonly appDirectory?: string | undefined;
}

/** An open PGlite, which all in this process share that have opened the same directory. */
export interface OpenPglite {
  /** The PGlite itself, with the extension vector at hand. Do not close it: others may use it. */
  readonly client: PgliteShape;
  /** Lets go of it; when the last one does, the database closes. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Opened {
  readonly client: PgliteShape;
  close(): Promise<void>;
}

interface Shared {
  readonly opening: Promise<Opened>;
  users: number;
  closing: Promise<void> | null;
}

const place = Symbol.for("sluice.pglites");

/**
 * Opens the PGlite of a directory, to ask it with your own SQL; the targets and everything else in this process that
 * use the directory meanwhile share it. One process at a time can have a directory.
 *
 * @example
 * const { client, close } = await openPglite({ directory: "search.db" });
 * const { rows } = await client.query(
 *   `SELECT filename, 1 - (embedding <=> $1) AS score FROM "Docs__Chunks" ORDER BY embedding <=> $1 LIMIT 5`,
 *   [JSON.stringify(vector)],
 * );
 * await close();
 *
 * @throws SluiceError `package-missing`; `target-unavailable` where another process has the directory
 */
export async function openPglite({ directory, appDirectory }: OpenPgliteOptions): Promise<OpenPglite> {
  const path = resolve(appDirectory ?? ".", directory);
  const real = makeDirectory(path);
  const shared = await join(real);
  const { client } = await shared.opening;
  let isOpen = true;
  const close = async () => {
    if (isOpen) {
      isOpen = false;
      await leave(real, shared);
    }
  };
  return { client, close, [Symbol.asyncDispose]: close };
}

/** Its path without links, so that it is one whichever way it is said. */
function makeDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return realpathSync(path);
  } catch (cause) {
    throw cannotBeOpened(path, cause);
  }
}

function cannotBeOpened(directory: string, cause: unknown): SluiceError {
  return new SluiceError(
    "target-unavailable",
    `the PGlite directory ${directory} cannot be opened: ${messageOf(cause)}`,
    {
      hint: "Check that it is a directory of PGlite or empty, and that it was written by the installed version of @electric-sql/pglite.",
      cause,
    },
  );
}

async function join(real: string): Promise<Shared> {
  const known = pglites();
  for (;;) {
    const found = known.get(real);
    if (found?.closing) {
      await found.closing;
      continue;
    }
    const shared = found ?? { opening: openAlone(real), users: 0, closing: null };
    known.set(real, shared);
    shared.users++;
    try {
      await shared.opening;
      return shared;
    } catch (thrown) {
      if (known.get(real) === shared) known.delete(real);
      throw thrown;
    }
  }
}

async function leave(real: string, shared: Shared): Promise<void> {
  shared.users--;
  if (shared.users > 0) return;
  const { close } = await shared.opening;
  // Another may have joined while that was awaited.
  if (shared.users > 0 || shared.closing) return;
  shared.closing = close().finally(() => pglites().delete(real));
  await shared.closing;
}

async function openAlone(directory: string): Promise<Opened> {
  const { PGlite } = await optionalPackage("@electric-sql/pglite", () => import("@electric-sql/pglite"));
  const { vector } = await optionalPackage(
    "@electric-sql/pglite-pgvector",
    () => import("@electric-sql/pglite-pgvector"),
  );
  const lock = lockDirectory(directory);
  try {
    const client = await PGlite.create({ dataDir: directory, extensions: { vector } });
    return { client, close: () => client.close().finally(() => lock.release()) };
  } catch (cause) {
    lock.release();
    throw cannotBeOpened(directory, cause);
  }
}

/** Shared by every copy of the package in a process, since a flow file and its runner may each load one. */
function pglites(): Map<string, Shared> {
  const holder = globalThis as { [place]?: Map<string, Shared> };
  holder[place] ??= new Map();
  return holder[place];
}
