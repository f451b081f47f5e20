import { z } from "zod";
import { type ChangeEvent, defineSource, type WatchOptions } from "../../src/index.ts";
import { type Deferred, deferred } from "../../src/kernel/deferred.ts";
import type { Notebook } from "./notebook.ts";

type PageChange = ChangeEvent<{ id: string }, { text: string }>;

/** A watcher as the engine started it. */
export interface Watching {
  readonly options: WatchOptions;
  /** Ends it with an error. */
  fail(error: Error): void;
  /** Ends it as if there were no more changes. */
  finish(): void;
}

/** Tells of changes of a notebook's pages, when a test says so. */
export class Feed {
  /** Those under way, oldest first. */
  readonly watching: Watching[] = [];
  /** How many were started. */
  starts = 0;
  /** How many of its sources are open. */
  open = 0;
  /** Whether they say that they are armed as soon as they are started. */
  arms = true;
  /** Called before a page is listed; tests change the notebook at that moment. */
  onListing: () => void = () => {};
  /** What a listing does when it has looked at a page, and has not yielded it yet. */
  afterRead: ((id: string) => Promise<void>) | null = null;
  /** What a listing does after each page that it has yielded. */
  afterEach: (() => Promise<void>) | null = null;
  /** What a listing waits for before it begins. */
  beforeListing: (() => Promise<void>) | null = null;
  /** Ordinals of pages, which their versions are then. */
  readonly ordinals = new Map<string, number>();
  readonly #takers = new Set<(changes: readonly PageChange[]) => void>();

  /** Tells every watcher. */
  tell(...changes: readonly PageChange[]): void {
    for (const take of this.#takers) take(changes);
  }

  /** Tells of pages, without a word of what has become of them. */
  touch(...ids: readonly string[]): void {
    this.tell(...ids.map((id) => ({ key: { id } })));
  }

  async *watch(options: WatchOptions): AsyncGenerator<readonly PageChange[]> {
    const waiting: (readonly PageChange[])[] = [];
    let news = deferred<boolean>();
    const take = (changes: readonly PageChange[]) => {
      waiting.push(changes);
      news.resolve(true);
    };
    const watching = watchingOf(options, () => news);
    this.#takers.add(take);
    this.watching.push(watching);
    this.starts++;
    const stop = () => news.resolve(false);
    options.signal.addEventListener("abort", stop);
    try {
      if (this.arms) options.armed();
      while (!options.signal.aborted && (await news.promise)) {
        news = deferred();
        for (const changes of waiting.splice(0)) yield changes;
      }
    } finally {
      options.signal.removeEventListener("abort", stop);
      this.#takers.delete(take);
      this.watching.splice(this.watching.indexOf(watching), 1);
    }
  }

  #version(id: string, contentVersion: string) {
    const ordinal = this.ordinals.get(id);
    return ordinal === undefined ? { contentVersion } : { ordinal };
  }

  /** The notebook as a source that this feed watches. */
  source(notebook: Notebook, options: { readonly heartbeat?: string; readonly inline?: boolean } = {}) {
    const feed = this;
    return defineSource({
      kind: "watchedNotebook",
      spec: z.object({ watched: z.boolean().default(true) }),
      key: z.object({ id: z.string() }),
      value: z.object({ text: z.string() }),
      create: () => {
        feed.open++;
        return notebook;
      },
      close: () => {
        feed.open--;
      },
      async *list(pages) {
        await feed.beforeListing?.();
        for (const [id, { text, version }] of [...pages.pages]) {
          feed.onListing();
          await feed.afterRead?.(id);
          yield [
            { key: { id }, ...feed.#version(id, version), ...(options.inline ? { value: { text } } : {}) },
          ];
          await feed.afterEach?.();
        }
        if (pages.listingError) throw pages.listingError;
      },
      getValue(pages, { id }) {
        pages.reads++;
        const page = pages.pages.get(id);
        return page ? { value: { text: page.text }, ...feed.#version(id, page.version) } : null;
      },
      watch: (_notebook, given) => feed.watch(given),
      watches: ({ watched }) => watched,
      ...(options.heartbeat ? { watchHeartbeat: options.heartbeat } : {}),
    });
  }
}

function watchingOf(options: WatchOptions, news: () => Deferred<boolean>): Watching {
  return {
    options,
    fail: (error) => news().reject(error),
    finish: () => news().resolve(false),
  };
}
