import type {
  ChangeEvent,
  SourceDefinition,
  SourceEntry,
  SourceUse,
  SourceValue,
  WatchOptions,
} from "../contracts/source.ts";
import type { SourceNames } from "../contracts/source-setup.ts";
import { messageOf } from "../errors/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { type KeyCodec, keyCodec, normalizer, typeOfSchema } from "../values/index.ts";
import type { ConformancePlace } from "./conformance-place.ts";
import { broken } from "./conformance-suite.ts";
import { brief, type KitRow, type RowSchema } from "./row-schema.ts";
import { withinTime } from "./within-time.ts";

export type Entry = SourceEntry<unknown, unknown>;

/** A listing that has ended. */
export interface Listed {
  readonly entries: readonly Entry[];
  /** Why it is incomplete: what it reported, and what it threw. */
  readonly incomplete: readonly unknown[];
}

export interface SourceSettings {
  readonly use: SourceUse<unknown>;
  readonly place: ConformancePlace;
  readonly schema: RowSchema;
  readonly callTimeoutMs: number;
}

export const noWatch = "the kit was told that the source can be watched, and it has no `watch`";

/** What the source is called at a place, as in a flow. */
export function namesAt({ name }: ConformancePlace, sourceName = "rows"): SourceNames {
  return { flow: `Kit_${name}`, sourceName, defaultName: `Kit_${name}__${sourceName}` };
}

/** A source as the engine opens it, and what the engine asks of it. */
export class OpenedSource {
  readonly definition: SourceDefinition;
  readonly #settings: SourceSettings;
  readonly #keys: KeyCodec;
  readonly #connection: unknown;
  #isOpen = true;

  private constructor(settings: SourceSettings, connection: unknown) {
    this.#settings = settings;
    this.definition = settings.use.definition;
    this.#keys = keyCodec(typeOfSchema(this.definition.key, `the key of source ${this.definition.kind}`));
    this.#connection = connection;
  }

  static async open(settings: SourceSettings): Promise<OpenedSource> {
    const { definition, spec } = settings.use;
    const { appDirectory } = settings.place;
    const context = { appDirectory, clock: systemClock, ...namesAt(settings.place) };
    const connection = await withinTime("create", settings.callTimeoutMs, () =>
      definition.create(spec, context),
    );
    return new OpenedSource(settings, connection);
  }

  /** The pages of a listing, as the engine asks for them. */
  async *pages(signal: AbortSignal, incomplete: (reason: unknown) => void): AsyncGenerator<readonly Entry[]> {
    const listing = this.definition.list(this.#connection, { signal, incomplete });
    const pages =
      Symbol.asyncIterator in listing ? listing[Symbol.asyncIterator]() : listing[Symbol.iterator]();
    try {
      for (;;) {
        const next = await this.#call("list", () => pages.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await this.#call("ending a listing", async () => pages.return?.(undefined));
    }
  }

  /** A whole listing, whether or not it is complete. */
  async tryList(): Promise<Listed> {
    const entries: Entry[] = [];
    const incomplete: unknown[] = [];
    const { signal } = new AbortController();
    try {
      for await (const page of this.pages(signal, (reason) => incomplete.push(reason))) entries.push(...page);
    } catch (thrown) {
      incomplete.push(thrown);
    }
    return { entries, incomplete };
  }

  /** A listing that must be complete, each key once. */
  async list(): Promise<readonly Entry[]> {
    const { entries, incomplete } = await this.tryList();
    if (incomplete.length > 0) broken(`a listing was not complete: ${messageOf(incomplete[0])}`);
    const seen = new Set<string>();
    for (const entry of entries) {
      const id = this.idOf(entry.key);
      if (seen.has(id)) broken(`a listing yielded ${brief(entry.key)} twice`);
      seen.add(id);
    }
    return entries;
  }

  /** The entry of a key; null where the listing does not have it. */
  entryOf(entries: readonly Entry[], row: KitRow): Entry | null {
    const id = this.idOf(this.#settings.schema.givenKey(row.key));
    return entries.find((entry) => this.idOf(entry.key) === id) ?? null;
  }

  /** Reads a row, given the key as the engine has it from the store. */
  async get(
    key: unknown,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<SourceValue<unknown> | null> {
    const stored = this.#keys.decode(this.#keys.encode(key));
    return this.#call(`getValue of ${brief(key)}`, () =>
      this.definition.getValue(this.#connection, stored, { signal }),
    );
  }

  async getRow(row: KitRow): Promise<SourceValue<unknown> | null> {
    return this.get(this.#settings.schema.givenKey(row.key));
  }

  /** Watches the source; `create` was called before, as for a listing. */
  watch(options: WatchOptions): AsyncIterable<readonly ChangeEvent<unknown, unknown>[]> {
    const { watch } = this.definition;
    return watch ? watch(this.#connection, options) : broken(noWatch);
  }

  /** Says of a change that it is durable; each is to be given once. */
  async acknowledge(change: ChangeEvent<unknown, unknown>): Promise<void> {
    const what = `the acknowledgement of a change of ${brief(change.key)}`;
    await this.#call(what, async () => {
      try {
        await change.acknowledge?.();
      } catch (thrown) {
        broken(`${what} threw: ${messageOf(thrown)}`);
      }
    });
  }

  encodedKey(key: unknown, whence = "a listing yielded"): Uint8Array {
    try {
      return this.#keys.encode(key);
    } catch (thrown) {
      return broken(`${whence} the key ${brief(key)}, which does not fit: ${messageOf(thrown)}`);
    }
  }

  idOf(key: unknown, whence?: string): string {
    return Buffer.from(this.encodedKey(key, whence)).toString("latin1");
  }

  /** The value as a flow gets it; fails where the source's own schema does not take it. */
  checkedValue(value: unknown, key: unknown): unknown {
    const { value: schema, kind } = this.definition;
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      broken(`the value of ${brief(key)}, ${brief(value)}, does not fit: ${parsed.error.issues[0]!.message}`);
    try {
      return normalizer(typeOfSchema(schema, `the value of source ${kind}`))(parsed.data);
    } catch (thrown) {
      return broken(`the value of ${brief(key)}, ${brief(value)}, does not fit: ${messageOf(thrown)}`);
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#call("close", () => this.definition.close(this.#connection));
  }

  #call<T>(what: string, call: () => T | Promise<T>): Promise<T> {
    return withinTime(what, this.#settings.callTimeoutMs, call);
  }
}
