import type { FollowedSource } from "./follow-source.ts";

export type Files = ReadonlyMap<string, string>;

/** Every file of the source with its content, as a listing and reading each tells it. */
export async function readFiles(source: FollowedSource<{ content: string }>): Promise<Files> {
  const files = new Map<string, string>();
  for (const filename of await source.list()) {
    const read = await source.get(filename);
    if (read !== null) files.set(filename, read.value.content);
  }
  return files;
}

/** What who follows a source knows of its files: what was listed first, and then read when it was told of. */
export class FollowedTree {
  readonly #source: FollowedSource<{ content: string }>;
  readonly #files: Map<string, string>;

  private constructor(source: FollowedSource<{ content: string }>, files: Files) {
    this.#source = source;
    this.#files = new Map(files);
  }

  static async open(source: FollowedSource<{ content: string }>): Promise<FollowedTree> {
    return new FollowedTree(source, await readFiles(source));
  }

  /** Whether, with all that was told until now, exactly these files are known. */
  async isAt(files: Files): Promise<boolean> {
    for (const filename of this.#source.told.splice(0)) await this.#read(filename);
    return this.#wrong(files).length === 0;
  }

  /** How what is known differs from these files. */
  describe(files: Files): string {
    const wrong = this.#wrong(files).map((path) => {
      return `${path}: ${JSON.stringify(this.#files.get(path))} for ${JSON.stringify(files.get(path))}`;
    });
    return `known wrongly are ${wrong.join(", ")}`;
  }

  #wrong(files: Files): string[] {
    const paths = new Set([...files.keys(), ...this.#files.keys()]);
    return [...paths].filter((path) => this.#files.get(path) !== files.get(path));
  }

  async #read(filename: string): Promise<void> {
    const read = await this.#source.get(filename);
    if (read === null) this.#files.delete(filename);
    else this.#files.set(filename, read.value.content);
  }
}
