import type { Edit } from "../case.ts";
import { type BookRow, type Books, keyText } from "../world/books.ts";

/** Books that change while they are read, and know what each row was at any time. */
export class LiveBooks {
  /** The same maps all the time, so that sources see every change. */
  readonly now: Books;
  readonly #rows: ReadonlyMap<string, Map<string, BookRow>>;
  /** What each row was, from first to last; null: it was not there. */
  readonly #former = new Map<string, (BookRow | null)[]>();

  constructor(names: readonly string[]) {
    this.#rows = new Map(names.map((name) => [name, new Map<string, BookRow>()]));
    this.now = this.#rows;
  }

  apply(edit: Edit): void {
    const rows = this.#rows.get(edit.book)!;
    const key = keyText("put" in edit ? edit.put : edit.remove);
    const row = "put" in edit ? { key: edit.put, row: edit.row } : null;
    if (row) rows.set(key, row);
    else rows.delete(key);
    this.#statesOf(edit.book, key).push(row);
  }

  /** The number of the row's state now; later ones are higher. */
  stateOf(book: string, key: string): number {
    return this.#statesOf(book, key).length - 1;
  }

  state(book: string, key: string, number: number): BookRow | null {
    return this.#statesOf(book, key)[number]!;
  }

  /** What the row has been from a state on. */
  since(book: string, key: string, number: number): readonly (BookRow | null)[] {
    return this.#statesOf(book, key).slice(number);
  }

  /** The books as they are now, which stay so. */
  copy(): Books {
    return new Map([...this.#rows].map(([name, rows]) => [name, new Map(rows)]));
  }

  #statesOf(book: string, key: string): (BookRow | null)[] {
    const name = `${book} ${key}`;
    const states = this.#former.get(name) ?? [null];
    this.#former.set(name, states);
    return states;
  }
}
