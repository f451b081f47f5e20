import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Debian and others keep the programs of a server, one directory a version. */
const versionsAt = "/usr/lib/postgresql";

/** A real server that a test has to itself. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** Of the superuser; what tests look for in what must not have it. */
  readonly password: string;
  /** A URL of a database, `postgres` where left out, for the superuser or another user. */
  url(database?: string, user?: string): string;
  /** At once, as when the machine loses power; `start` brings it back with what was committed. */
  stop(): void;
  start(): void;
  /** Stops it and removes its files. */
  remove(): void;
}

/**
 * Whether the tests that want a server run here; those that do not are skipped, with a reason. Always where CI runs:
 * there the lack of a server is a failure.
 */
export function canStartPostgres(): boolean {
  return process.env.CI === "true" || programs() !== null;
}

/** Starts a server on a free port of loopback, with a directory of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = programs();
  if (bin === null) throw new Error("Postgres is not installed; run tools/test-servers/install-postgres");
  const directory = mkdtempSync(join(tmpdir(), "sluice-postgres-"));
  const owner = serverUser();
  if (owner !== null) chownSync(directory, owner.uid, owner.gid);
  const run = (program: string, ...options: string[]) =>
    execFileSync(join(bin, program), options, { ...owner, stdio: "ignore", cwd: directory });
  const password = `pw-${randomBytes(9).toString("hex")}`;
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password);
  if (owner !== null) chownSync(passwordFile, owner.uid, owner.gid);
  const data = join(directory, "data");
  run("initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-N");
  const port = await freePort();
  const settings = `-p ${port} -h 127.0.0.1 -k '' -F -c max_connections=60 -c log_min_messages=fatal`;
  const start = () => run("pg_ctl", "-D", data, "-w", "-l", join(directory, "log"), "-o", settings, "start");
  const stop = () => run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
  start();
  return {
    host: "127.0.0.1",
    port,
    password,
    url: (database = "postgres", user = "postgres") =>
      `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    start,
    stop,
    remove() {
      if (existsSync(join(data, "postmaster.pid"))) stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The directory of the newest server's programs that has pgvector too. */
function programs(): string | null {
  if (!existsSync(versionsAt)) return null;
  const versions = readdirSync(versionsAt).sort((a, b) => Number(b) - Number(a));
  const found = versions.find(
    (version) =>
      existsSync(join(versionsAt, version, "bin", "initdb")) &&
      existsSync(`/usr/share/postgresql/${version}/extension/vector.control`),
  );
  return found === undefined ? null : join(versionsAt, found, "bin");
}

/** A server refuses to run as root: then it runs as the user that its package has made. Null: as who we are. */
function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (option: string) => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
