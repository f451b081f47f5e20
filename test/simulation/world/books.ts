import type { BookShape, Case, Edit, Key, Row } from "../case.ts";

/** A row of a book: what the source knows it by, and what it holds. */
export interface BookRow {
  readonly key: Key;
  readonly row: Row;
}

/** What a row holds as flows see it: its own fields, and tables in a table. */
export interface RowValue {
  readonly name: string;
  readonly text: string;
  readonly note: string | null;
  readonly share: string;
  readonly edition: string;
  readonly parts: { readonly word: string; readonly marks: { readonly mark: string }[] }[];
}

/** The rows of each book at one time, by the text of their keys. */
export type Books = ReadonlyMap<string, ReadonlyMap<string, BookRow>>;

export function emptyBooks({ books }: Case): Books {
  return new Map(Object.keys(books).map((name) => [name, new Map()]));
}

export function keyText(key: Key): string {
  return JSON.stringify(key);
}

/** The books after these edits. A removal of what is not there is none. */
export function edited(books: Books, edits: readonly Edit[] = []): Books {
  const next = new Map([...books].map(([name, rows]) => [name, new Map(rows)]));
  for (const edit of edits) {
    const rows = next.get(edit.book);
    if (!rows) continue;
    if ("put" in edit) rows.set(keyText(edit.put), { key: edit.put, row: edit.row });
    else rows.delete(keyText(edit.remove));
  }
  return next;
}

/** The rows of a book in the order of their keys: texts by their UTF-8 bytes, numbers by size. */
export function inOrder(rows: Iterable<BookRow>): BookRow[] {
  return [...rows].sort((a, b) => compareKeys(a.key, b.key));
}

/** Written without the engine's own encoding, which it is to judge. */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [left, right] = [a as readonly [string, number], b as readonly [string, number]];
  return compareKeys(left[0], right[0]) || left[1] - right[1];
}

/** Whether a key is of the kind of a book's: a source may have had another book before. */
export function isKeyOf({ keys }: BookShape, key: Key): boolean {
  return keys === (typeof key === "string" ? "text" : typeof key === "number" ? "number" : "pair");
}

/** The key as its source gives it. */
export function sourceKey(book: BookShape, key: Key): unknown {
  switch (book.keys) {
    case "text":
      return { id: key };
    case "number":
      return key;
    case "pair": {
      const [id, n] = key as readonly [string, number];
      return { id, n };
    }
  }
}

/** The key of a book that its source gave. */
export function keyOf(book: BookShape, given: unknown): Key {
  const { id, n } = given as { id: string; n: number };
  return book.keys === "text" ? id : book.keys === "number" ? (given as number) : [id, n];
}

export function rowValue({ key, row }: BookRow, edition: number): RowValue {
  const { text, note, share } = row;
  const words = text.split(" ").filter((word) => word !== "");
  return {
    name: typeof key === "object" ? key.join(".") : String(key),
    text,
    note,
    share,
    edition: `e${edition}`,
    parts: words.map((word) => ({ word, marks: [...word].slice(0, 2).map((mark) => ({ mark })) })),
  };
}

/** What the source says of a row without its value. */
export function versionsOf(book: BookShape, { v }: Row): { ordinal?: number; contentVersion?: string } {
  return {
    ...(book.versions === "ordinal" || book.versions === "both" ? { ordinal: v } : {}),
    ...(book.versions === "content" || book.versions === "both" ? { contentVersion: `v${v}` } : {}),
  };
}
