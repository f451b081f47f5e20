import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Random, seededRandom } from "../../src/kernel/random.ts";
import { answer, givenArgument } from "../child.ts";
import { PageMaker, pagePath } from "../corpus.ts";
import { monotonicMs } from "../monotonic.ts";
import type { EditKind, Edits } from "./edits.ts";
import { stampPage } from "./stamp.ts";

/*
 * A process that edits the files of a corpus at a given rate: of twenty edits one makes a file and one removes one, so
 * that there are as many as before.
 */

export interface WriterArgument {
  readonly directory: string;
  readonly pages: number;
  readonly seed: number;
}

export interface Writing {
  readonly perSecond: number;
  readonly seconds: number;
}

const editShare = 0.9;
const createShare = 0.05;

interface MutableEdits extends Edits {
  readonly paths: string[];
  readonly kinds: EditKind[];
  readonly stamps: number[];
  readonly began: number[];
  readonly ended: number[];
}

class Writer {
  readonly #directory: string;
  readonly #random: Random;
  readonly #maker: PageMaker;
  readonly #there: number[];
  readonly #gone: number[] = [];
  #next: number;
  #stamp = 0;

  constructor({ directory, pages, seed }: WriterArgument) {
    this.#directory = directory;
    this.#random = seededRandom(seed);
    this.#maker = new PageMaker(seed);
    this.#there = Array.from({ length: pages }, (_, index) => index);
    this.#next = pages;
  }

  /** Each edit has its time, whether or not the one before was late. */
  async write({ perSecond, seconds }: Writing): Promise<Edits> {
    const edits: MutableEdits = { paths: [], kinds: [], stamps: [], began: [], ended: [] };
    const start = monotonicMs();
    for (let i = 0; i < perSecond * seconds; i++) {
      const waitMs = start + (i * 1_000) / perSecond - monotonicMs();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      this.#editOne(edits);
    }
    return edits;
  }

  #editOne(edits: MutableEdits): void {
    const [kind, index] = this.#draw();
    const path = pagePath(index);
    const file = join(this.#directory, path);
    const stamp = ++this.#stamp;
    const page = kind === "delete" ? null : stampPage(this.#maker.next(), stamp);
    const began = monotonicMs();
    // New pages come in directories of their own.
    if (kind === "create") mkdirSync(dirname(file), { recursive: true });
    if (page === null) unlinkSync(file);
    else writeClosed(file, page);
    const ended = monotonicMs();
    edits.paths.push(path);
    edits.kinds.push(kind);
    edits.stamps.push(stamp);
    edits.began.push(began);
    edits.ended.push(ended);
  }

  #draw(): [EditKind, number] {
    const share = this.#random.next();
    if (share >= editShare && share < editShare + createShare) return ["create", this.#drawNew()];
    const place = Math.floor(this.#random.next() * this.#there.length);
    const index = this.#there[place]!;
    if (share < editShare) return ["edit", index];
    this.#there[place] = this.#there.at(-1)!;
    this.#there.pop();
    this.#gone.push(index);
    return ["delete", index];
  }

  /** Names that were there before come back now and then. */
  #drawNew(): number {
    const again = this.#gone.length > 0 && this.#random.next() < 0.5;
    const index = again ? this.#gone.shift()! : this.#next++;
    this.#there.push(index);
    return index;
  }
}

function writeClosed(path: string, text: string): void {
  const descriptor = openSync(path, "w");
  try {
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

const writer = new Writer(givenArgument<WriterArgument>());
const answers = { write: (writing: Writing) => writer.write(writing) };
export type WriterAnswers = typeof answers;
answer(answers);
