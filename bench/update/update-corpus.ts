import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Random, seededRandom } from "../../src/kernel/random.ts";
import { PageMaker, pagePath } from "../corpus.ts";

/** What happens to the files before a phase. */
export type Change = "edit" | "touch" | "rename";

/** What a change does to how many of a thousand files. */
const perThousand = { edited: 10, deleted: 1, added: 1, touched: 10, renamed: 100 } as const;

/** A tree of Markdown pages that changes in the same ways whenever it is made anew: all is drawn from its seed. */
export class UpdateCorpus {
  readonly directory: string;
  readonly #maker: PageMaker;
  readonly #random: Random;
  /** Paths of the pages that are there. */
  readonly #paths: string[] = [];
  #made = 0;
  #edits = 0;

  /** Makes so many pages below a directory that is not there yet. */
  constructor(directory: string, pages: number, seed: number) {
    this.directory = directory;
    this.#maker = new PageMaker(seed);
    this.#random = seededRandom(seed + 1);
    for (let page = 0; page < pages; page++) this.#add();
  }

  get paths(): readonly string[] {
    return this.#paths;
  }

  change(change: Change): void {
    const files = this.#paths.length;
    const some = (kind: keyof typeof perThousand) =>
      Math.max(1, Math.round((files * perThousand[kind]) / 1_000));
    if (change === "edit") {
      this.edit(some("edited"));
      for (const path of this.#draw(some("deleted"))) this.#delete(path);
      for (let i = some("added"); i > 0; i--) this.#add();
    } else if (change === "touch") {
      for (const path of this.#draw(some("touched"))) touch(join(this.directory, path));
    } else {
      for (const path of this.#draw(some("renamed"))) this.#rename(path);
    }
  }

  /** Edits one paragraph each of so many pages. */
  edit(pages: number): void {
    for (const path of this.#draw(pages)) {
      const file = join(this.directory, path);
      writeFileSync(file, this.#edited(readFileSync(file, "utf8")));
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #add(): void {
    const index = this.#made++;
    const path = pagePath(index);
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, ownParagraphs(this.#maker.next(), index));
    this.#paths.push(path);
  }

  #delete(path: string): void {
    unlinkSync(join(this.directory, path));
    this.#paths.splice(this.#paths.indexOf(path), 1);
  }

  #rename(path: string): void {
    const to = path.replace(/[^/]*$/, "moved-$&");
    renameSync(join(this.directory, path), join(this.directory, to));
    this.#paths[this.#paths.indexOf(path)] = to;
  }

  #edited(page: string): string {
    const paragraphs = page.split("\n\n");
    const at = this.#below(paragraphs.length);
    paragraphs[at] = `Edit ${++this.#edits}. ${paragraphs[at]!}`;
    return paragraphs.join("\n\n");
  }

  /** Different ones. */
  #draw(count: number): string[] {
    const drawn = new Set<string>();
    while (drawn.size < Math.min(count, this.#paths.length))
      drawn.add(this.#paths[this.#below(this.#paths.length)]!);
    return [...drawn];
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end);
  }
}

/** Numbers the paragraphs of a page, since pages are cut from one text: else half of all pieces would be the same. */
function ownParagraphs(page: string, index: number): string {
  let paragraph = 0;
  return page.replace(/\n\n(?=[^\n])/g, () => `\n\n${index}.${++paragraph} `);
}

/** As a checkout or a copy does: another time and the same content. */
function touch(file: string): void {
  const { atimeMs, mtimeMs } = statSync(file);
  utimesSync(file, atimeMs / 1_000, mtimeMs / 1_000 + 1);
}
