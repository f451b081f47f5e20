import type { BookShape, Case, Edit, Key, Row } from "../case.ts";
import { type BookRow, type Books, keyText } from "../world/books.ts";
import type { Draw } from "./draw.ts";

/** Keys that sort differently by UTF-16, by UTF-8, as texts and as numbers. */
const keys: Readonly<Record<BookShape["keys"], readonly Key[]>> = {
  text: ["a", "b", "c", "aa", "B", "é", "\uffee", "😀"],
  number: [-5, 0, 1, 2, 10, 100],
  pair: [
    ["a", 1],
    ["a", 2],
    ["a", 10],
    ["b", 1],
    ["é", 0],
  ],
};
/** So many that most of them must not go unasked. */
function crowd(count: number): Key[] {
  return Array.from({ length: count }, (_, i) => i);
}

const words = ["ant", "bee", "a|b", "ox", "é"] as const;
const shares = ["s", "t", "u"] as const;

interface EditReach {
  /** A listing may lose so much that its deletions are held. */
  readonly held: boolean;
  /** Rows may fail for as long as they are as they are. */
  readonly failing: boolean;
}

/** How books change: it remembers every row that there was, so that older ones can come back. */
export class EditGenerator {
  readonly #draw: Draw;
  readonly #books: Case["books"];
  readonly #reach: EditReach;
  readonly #former: { readonly book: string; readonly key: Key; readonly row: Row }[] = [];
  #version = 0;

  constructor(draw: Draw, books: Case["books"], reach: EditReach) {
    this.#draw = draw;
    this.#books = books;
    this.#reach = reach;
  }

  /** The rows that a history begins with. */
  first(): Edit[] {
    return Object.keys(this.#books).flatMap((book) => {
      const all = keys[this.#books[book]!.keys];
      const few = this.#draw.shuffled(all).slice(0, this.#draw.between(1, all.length - 1));
      const isCrowd = this.#reach.held && this.#books[book]!.keys === "number" && this.#draw.chance(0.3);
      const chosen = isCrowd ? crowd(this.#draw.between(19, 22)) : few;
      return chosen.map((key) => this.#put(book, key, this.#row()));
    });
  }

  /** Some changes, each to what the ones before it have left. */
  some(books: Books): Edit[] {
    const now = new Map([...books].map(([name, rows]) => [name, new Map(rows)]));
    const edits: Edit[] = [];
    for (let left = this.#draw.between(0, 4); left > 0; left--) {
      for (const edit of this.#one(now)) {
        const rows = now.get(edit.book)!;
        // A listing that is suddenly empty is not believed.
        if ("remove" in edit && rows.size === 1 && !this.#reach.held) break;
        if ("put" in edit) rows.set(keyText(edit.put), { key: edit.put, row: edit.row });
        else rows.delete(keyText(edit.remove));
        edits.push(edit);
      }
    }
    return edits;
  }

  /** What makes every row one that does not fail. */
  healing(books: Books): Edit[] {
    return [...books].flatMap(([book, rows]) =>
      [...rows.values()]
        .filter(({ row }) => row.text.includes("bad"))
        .map(({ key, row }) => this.#put(book, key, { ...row, text: row.text.replaceAll("bad", "ox") })),
    );
  }

  #one(books: ReadonlyMap<string, ReadonlyMap<string, BookRow>>): Edit[] {
    const draw = this.#draw;
    const book = draw.pick([...books.keys()]);
    const rows = [...books.get(book)!.values()];
    const some = rows.length > 0 ? draw.pick(rows) : null;
    const anyKey = draw.pick(keys[this.#books[book]!.keys]);
    const kind = draw.weighted({
      write: 4,
      remove: 2,
      touch: 1,
      rename: 1,
      restore: 1,
      swap: 1,
      copy: 1,
      empty: 0.3,
      purge: 0.4,
    });
    if (kind === "write" || some === null) return [this.#put(book, anyKey, this.#row())];
    switch (kind) {
      case "remove":
        return [{ book, remove: some.key }];
      case "touch":
        return [this.#put(book, some.key, some.row)];
      case "rename":
        return [{ book, remove: some.key }, this.#put(book, anyKey, some.row)];
      case "copy":
        return [this.#put(book, anyKey, some.row)];
      case "restore":
        return this.#restored(book);
      case "swap": {
        const other = draw.pick(rows);
        return [this.#put(book, some.key, other.row), this.#put(book, other.key, some.row)];
      }
      case "purge":
        return rows.filter(() => draw.chance(0.55)).map(({ key }) => ({ book, remove: key }));
      case "empty":
        return rows.map(({ key }) => ({ book, remove: key }));
    }
  }

  /** A row as it was once, with what the source said of it then. */
  #restored(book: string): Edit[] {
    const former = this.#former.filter((one) => one.book === book);
    const { key, row } = this.#draw.pick(former);
    return [{ book, put: key, row }];
  }

  #put(book: string, key: Key, row: Omit<Row, "v">): Edit {
    const { text, note, share } = row;
    const written = { text, note, share, v: ++this.#version };
    this.#former.push({ book, key, row: written });
    return { book, put: key, row: written };
  }

  /** Few of each, so that rows often have equal ones. */
  #row(): Omit<Row, "v"> {
    const draw = this.#draw;
    const word = () => (this.#reach.failing && draw.chance(0.03) ? "bad" : draw.pick(words));
    const text = Array.from({ length: draw.between(0, 3) }, word).join(" ");
    return { text, note: draw.chance(0.4) ? null : draw.pick(words), share: draw.pick(shares) };
  }
}
