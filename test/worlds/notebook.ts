import { z } from "zod";
import { defineSource, defineTarget, SluiceError } from "../../src/index.ts";

/** A source in memory whose rows tests edit, with counts of what was asked of it. */
export class Notebook {
  readonly pages = new Map<string, { text: string; version: string }>();
  reads = 0;
  incomplete: string | null = null;
  listingError: Error | null = null;
  #edits = 0;

  /** Writes a page; every write is a new version, whether or not the text is another. */
  write(id: string, text: string): void {
    this.pages.set(id, { text, version: `v${++this.#edits}` });
  }

  remove(id: string): void {
    this.pages.delete(id);
  }

  readonly source = (options: { ordered?: boolean; kind?: string } = {}) =>
    defineSource({
      kind: options.kind ?? "notebook",
      spec: z.object({ edition: z.number().default(1) }),
      key: z.object({ id: z.string() }),
      value: z.object({ text: z.string() }),
      ordered: options.ordered ?? false,
      create: () => this,
      *list(notebook, { incomplete }) {
        const ids = [...notebook.pages.keys()];
        if (options.ordered) ids.sort();
        for (let at = 0; at < ids.length; at += 3) {
          yield ids
            .slice(at, at + 3)
            .map((id) => ({ key: { id }, contentVersion: notebook.pages.get(id)!.version }));
        }
        if (notebook.listingError) throw notebook.listingError;
        if (notebook.incomplete !== null)
          incomplete(new SluiceError("listing-incomplete", notebook.incomplete));
      },
      getValue(notebook, { id }) {
        notebook.reads++;
        const page = notebook.pages.get(id);
        return page ? { value: { text: page.text }, contentVersion: page.version } : null;
      },
    });
}

/** What one call of the target writes to a shelf. */
interface Batch {
  readonly target: { readonly shelf: string };
  readonly mutations: readonly { readonly key: { readonly id: string }; readonly value: unknown }[];
}

/** A target in memory: shelves of rows by name, with every call and write counted. */
export class Library {
  readonly shelves = new Map<string, Map<string, unknown>>();
  readonly changes: { key: unknown; previous: unknown; current: unknown }[] = [];
  calls = 0;
  upserts: string[] = [];
  deletes: string[] = [];
  /** Called before each mutate; throw to fail it, before anything is applied. */
  before: (rows: readonly { id: string; value: unknown }[]) => void = () => {};
  /** Called after each mutate was applied; throw to report a failure of what has landed. */
  after: (rows: readonly { id: string; value: unknown }[]) => void = () => {};

  /** What each mutate waits for before it begins. */
  hang: (() => Promise<void>) | null = null;

  /** Called before each page of rows is read back; throw to fail the reading. */
  beforeReadBack: (page: number) => void = () => {};

  readonly #targets = new Map<string, ReturnType<typeof this.define>>();

  /** The library as a kind of target; the same one for the same name. */
  readonly target = (kind = "library") => {
    const known = this.#targets.get(kind) ?? this.define(kind);
    this.#targets.set(kind, known);
    return known;
  };

  define(kind: string) {
    const library = this;
    return defineTarget({
      kind,
      spec: z.object({ shelf: z.string(), binding: z.string().default("paper") }),
      key: z.object({ id: z.string() }),
      getPersistentKey: (spec) => spec.shelf,
      describe: (key) => `shelf ${key}`,
      applySetupChange({ key, previous, current }) {
        library.changes.push({ key, previous, current });
        if (current === null) library.shelves.delete(String(key));
        else if (!library.shelves.has(String(key))) library.shelves.set(String(key), new Map());
      },
      mutate(batches) {
        library.calls++;
        if (library.hang) return library.hang().then(() => library.#apply(batches));
        return library.#apply(batches);
      },
      *readBack({ shelf }) {
        const rows = [...library.shelves.get(shelf)!].map(([id, value]) => ({ key: { id }, value }));
        for (let at = 0, page = 0; at < rows.length; at += 3, page++) {
          library.beforeReadBack(page);
          yield rows.slice(at, at + 3);
        }
      },
    });
  }

  #apply(batches: readonly Batch[]): void {
    const rows = batches.flatMap((batch) => batch.mutations.map(({ key, value }) => ({ id: key.id, value })));
    this.before(rows);
    for (const { target, mutations } of batches) {
      const shelf = this.shelves.get(target.shelf)!;
      for (const { key, value } of mutations) {
        if (value === null) {
          shelf.delete(key.id);
          this.deletes.push(key.id);
        } else {
          shelf.set(key.id, value);
          this.upserts.push(key.id);
        }
      }
    }
    this.after(rows);
  }

  /** The rows of a shelf, sorted. */
  rows(shelf: string): [string, unknown][] {
    return [...(this.shelves.get(shelf) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  forgetCounts(): void {
    this.calls = 0;
    this.upserts = [];
    this.deletes = [];
  }
}
