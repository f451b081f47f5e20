import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The built command line: plain Node runs it. */
export const commandLine = join(repository, "dist", "cli", "main.js");

/** What running the example leaves in its directory. */
const made = new Set([
  "node_modules",
  "dist",
  ".sluice",
  "output_html",
  "code_index",
  "incidents_db",
  "incidents_db.lock",
  "search.db",
  "search.db.lock",
]);

/** The contents of files by path, a character a byte. */
export type Files = ReadonlyMap<string, string>;

/** A copy of an example, the Markdown one where none is named, in a directory of its own, with the checkout's packages. */
export class ExampleProject {
  readonly directory: string;
  readonly #example: string;

  constructor(example = "markdown-html") {
    this.#example = example;
    this.directory = realpathSync.native(mkdtempSync(join(tmpdir(), "sluice-example-")));
    this.#copyFrom(join(repository, "examples", example));
  }

  at(path: string): string {
    return join(this.directory, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    renameSync(this.at(from), this.at(to));
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true, force: true });
  }

  /** Gives a file another modification time, and so another change time too. */
  touch(path: string, time = new Date()): void {
    utimesSync(this.at(path), time, time);
  }

  /** Replaces a part of a file that must be there. */
  replace(path: string, part: string, by: string): void {
    const text = this.read(path);
    if (!text.includes(part)) throw new Error(`${path} does not hold ${part}`);
    this.write(path, text.replace(part, by));
  }

  has(path: string): boolean {
    return existsSync(this.at(path));
  }

  /** The folders below a directory that hold nothing. */
  emptyFolders(directory: string): readonly string[] {
    if (!this.has(directory)) return [];
    return readdirSync(this.at(directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readdirSync(path).length === 0);
  }

  /** Every file below a directory of the project; none where there is no such directory. */
  files(directory: string): Files {
    return new Map(
      listFiles(this.at(directory)).map((path) => [
        path,
        readFileSync(join(this.at(directory), path), "latin1"),
      ]),
    );
  }

  /** The same flow over the same data in another directory, where nothing has run yet. */
  copyUnbuilt(): ExampleProject {
    const copy = new ExampleProject(this.#example);
    for (const name of readdirSync(copy.directory)) if (name !== "node_modules") copy.remove(name);
    copy.#copyFrom(this.directory);
    return copy;
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #copyFrom(origin: string): void {
    cpSync(origin, this.directory, {
      recursive: true,
      filter: (path) => path === origin || !made.has(basename(path)),
    });
    const packages = this.at("node_modules");
    if (!existsSync(packages)) {
      symlinkSync(join(repository, "node_modules"), packages, "junction");
    }
  }
}

function listFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/**
 * Returns when the file system's clock is well past now: a file that was written just before its version was
 * observed is, rightly, read again by the next update.
 */
export function letFilesAge(directory: string): void {
  const probe = join(directory, ".age-probe");
  const stamp = () => {
    writeFileSync(probe, "");
    return statSync(probe).mtimeMs;
  };
  const began = stamp();
  while (stamp() < began + 25);
  rmSync(probe);
}
