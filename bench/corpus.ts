import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Random, seededRandom } from "../src/kernel/random.ts";

const pagesPerChapter = 20;
const chaptersPerPart = 25;
const fewestBytes = 1_024;
const mostBytes = 8_192;
/** Text that pages are cut from. */
const quarryBytes = 262_144;

/** Where the page with this number lies: two levels of directories, twenty pages in each of the lower ones. */
export function pagePath(index: number): string {
  const chapter = Math.floor(index / pagesPerChapter);
  const part = Math.floor(chapter / chaptersPerPart);
  return `part-${padded(part, 3)}/chapter-${padded(chapter % chaptersPerPart, 2)}/page-${padded(index, 6)}.md`;
}

/** Makes Markdown pages of 1 to 8 KB. Equal seeds make equal pages, in equal order. */
export class PageMaker {
  readonly #random: Random;
  readonly #quarry: string;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#quarry = makeText(this.#random, quarryBytes);
  }

  next(): string {
    const bytes = this.#below(mostBytes - fewestBytes + 1) + fewestBytes;
    const from = this.#below(this.#quarry.length - bytes + 1);
    return this.#quarry.slice(from, from + bytes);
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end);
  }
}

/** Writes the pages 0 to `pages` - 1 below a directory. */
export function writeCorpus(directory: string, pages: number, seed: number): void {
  const maker = new PageMaker(seed);
  for (let index = 0; index < pages; index++) {
    const path = join(directory, pagePath(index));
    if (index % pagesPerChapter === 0) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, maker.next());
  }
}

/** ASCII only, so that a character is a byte. */
function makeText(random: Random, bytes: number): string {
  const words = Array.from({ length: 2_000 }, () => makeWord(random));
  const parts: string[] = [];
  for (let length = 0; length < bytes; length += parts.at(-1)!.length) {
    parts.push(makeParagraph(random, words));
  }
  return parts.join("").slice(0, bytes);
}

function makeParagraph(random: Random, words: readonly string[]): string {
  const some = (count: number) =>
    Array.from({ length: count }, () => words[Math.floor(random.next() * words.length)]!);
  const kind = random.next();
  if (kind < 0.1) return `## ${some(4).join(" ")}\n\n`;
  if (kind < 0.2)
    return `${some(5)
      .map((word) => `- **${word}** ${some(6).join(" ")}\n`)
      .join("")}\n`;
  return `${some(60 + Math.floor(random.next() * 60)).join(" ")}.\n\n`;
}

function makeWord(random: Random): string {
  const length = 2 + Math.floor(random.next() * 9);
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random.next() * 26))).join("");
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
