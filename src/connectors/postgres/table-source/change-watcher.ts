import type { ChangeEvent, WatchOptions } from "../../../contracts/source.ts";
import { SluiceError } from "../../../errors/index.ts";
import { onAbort } from "../../../kernel/on-abort.ts";
import { toPostgresError } from "../sql-error.ts";
import { captureName, noKey, presentTriggers, truncateTrigger } from "./change-capture.ts";
import { columnKind } from "./column-kinds.ts";
import { listen } from "./listener.ts";
import type { TableReader } from "./table-reader.ts";

type Struct = Readonly<Record<string, unknown>>;

/** How often the server is asked whether it is there, and the triggers too. */
const askEveryMs = 15_000;
/** What is kept of changes that nobody has taken yet; the source is listed for more. */
const mostWaiting = 20_000;

const codes = { unavailable: "watch-failed", otherwise: "watch-failed" } as const;

/** Tells of the keys that the triggers notify of, until the signal aborts. Throws when the connection is lost. */
export async function* watchTable(
  table: TableReader,
  options: WatchOptions,
): AsyncGenerator<readonly ChangeEvent<Struct, Struct>[]> {
  const { signal } = options;
  if (signal.aborted) return;
  const changes = new WaitingChanges(table, options);
  const stop = new AbortController();
  const forget = onAbort(signal, () => changes.wake());
  try {
    const name = captureName(table.context.defaultName);
    const listener = await listen(table.database, name, {
      notified: (payload) => changes.add(payload),
      lost: (error) => changes.fail(error),
    });
    try {
      const ask = () => askForTriggers(table, name, listener.query);
      await changes.settle(ask);
      options.armed();
      void changes.ask(ask, stop.signal);
      yield* changes.taken();
    } finally {
      await listener.close();
    }
  } catch (thrown) {
    if (!signal.aborted) throw toPostgresError(thrown, codes);
  } finally {
    forget();
    stop.abort();
  }
}

/** Null where the triggers are as they should be, else what is wrong with them. */
async function askForTriggers(
  { spec: { schema, table } }: TableReader,
  name: string,
  query: Parameters<typeof presentTriggers>[0]["query"],
): Promise<SluiceError | null> {
  const present = await presentTriggers({ query }, { schema, table, name });
  const missing = [name, truncateTrigger(name)].filter((trigger) => !present.has(trigger));
  if (missing.length === 0) return null;
  return new SluiceError(
    "watch-degraded",
    `trigger ${missing.join(" and ")} on table ${schema}.${table} is missing or switched off`,
    { hint: "Run `sluice setup` on the flow's file: it makes triggers anew that others have removed." },
  );
}

/** What was notified, until it is taken. */
class WaitingChanges {
  readonly #table: TableReader;
  readonly #options: WatchOptions;
  /** By the text of the key, so that each row waits once. */
  readonly #payloads = new Set<string>();
  #wake: () => void = () => {};
  #lost: { readonly error: unknown } | null = null;
  #isDegraded = false;

  constructor(table: TableReader, options: WatchOptions) {
    this.#table = table;
    this.#options = options;
  }

  add(payload: string): void {
    if (this.#options.signal.aborted) return;
    const reason = noKeyReasons[payload];
    if (reason !== undefined) this.#options.missed(reason);
    else if (this.#payloads.size < mostWaiting) {
      this.#payloads.add(payload);
      this.wake();
    } else {
      this.#payloads.clear();
      this.#options.missed(`more than ${mostWaiting} changed rows waited to be taken`);
    }
  }

  fail(error: unknown): void {
    this.#lost ??= { error };
    this.wake();
  }

  wake(): void {
    this.#wake();
  }

  /** Asks again and again, until it is stopped: an answer is a sign of life. */
  async ask(ask: () => Promise<SluiceError | null>, stop: AbortSignal): Promise<void> {
    const { clock } = this.#table.context;
    try {
      for (;;) {
        await clock.sleep(askEveryMs, stop);
        await this.settle(ask);
        stop.throwIfAborted();
        this.#options.alive();
      }
    } catch (thrown) {
      if (!stop.aborted) this.fail(thrown);
    }
  }

  async settle(ask: () => Promise<SluiceError | null>): Promise<void> {
    const trouble = await ask();
    if (this.#options.signal.aborted || (trouble === null && !this.#isDegraded)) return;
    this.#isDegraded = trouble !== null;
    this.#options.degraded(trouble);
  }

  async *taken(): AsyncGenerator<readonly ChangeEvent<Struct, Struct>[]> {
    while (!this.#options.signal.aborted) {
      if (this.#lost) throw this.#lost.error;
      if (this.#payloads.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield this.#take();
    }
  }

  #take(): readonly ChangeEvent<Struct, Struct>[] {
    const keys = this.#table.fields.filter(({ isKey }) => isKey);
    const changes = [...this.#payloads].map((payload) => {
      const texts = JSON.parse(payload) as readonly string[];
      return {
        key: Object.fromEntries(
          keys.map(({ name, type }, at) => [name, columnKind(type).decode(texts[at]!)]),
        ),
      };
    });
    this.#payloads.clear();
    return changes;
  }
}

const noKeyReasons: Readonly<Record<string, string>> = {
  [noKey.truncated]: "the table was truncated",
  [noKey.long]: "a row changed whose key is too long for a notification",
  [noKey.failed]: "the trigger could not tell the key of a row, as when a column of it was renamed",
};
