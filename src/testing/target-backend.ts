import type {
  ExportNames,
  Json,
  Mutation,
  MutationBatch,
  TargetContext,
  TargetDefinition,
  TargetIndexes,
  TargetUse,
} from "../contracts/target.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { typeOfSchema } from "../values/index.ts";
import type { ConformancePlace } from "./conformance-place.ts";
import { broken } from "./conformance-suite.ts";
import type { RowSamples } from "./row-samples.ts";
import { brief, type ForeignRow, type KitRow, type RowSchema } from "./row-schema.ts";
import { withinTime } from "./within-time.ts";

/** A target as the engine uses it: without its types. */
export type AnyTargetUse = TargetUse<unknown, unknown>;

export interface TargetBackendOptions {
  readonly place: ConformancePlace;
  readonly use: AnyTargetUse;
  readonly samples: RowSamples;
  readonly indexes: TargetIndexes;
  readonly attachments: readonly Json[];
  readonly callTimeoutMs: number;
  /** What the outside system holds at the place. */
  outside(): Promise<readonly ForeignRow[] | null>;
}

/** One row to write, or to delete where its value is null. */
export type Write = KitRow | { readonly key: KitRow["key"]; readonly value: null };

/** The name that the kit gives every export that it calls the target for. */
export const exportName = "Rows";

/** One backend of the target that is tested, called as the engine calls it. */
export class TargetBackend {
  readonly place: ConformancePlace;
  readonly use: AnyTargetUse;
  readonly definition: TargetDefinition;
  readonly samples: RowSamples;
  readonly schema: RowSchema;
  readonly options: TargetBackendOptions;
  readonly #bareKeys: boolean;
  readonly #open = new Set<OpenTarget>();

  constructor(options: TargetBackendOptions) {
    this.options = options;
    this.place = options.place;
    this.use = options.use;
    this.definition = options.use.definition;
    this.samples = options.samples;
    this.schema = options.samples.schema;
    this.#bareKeys = takesBareKeys(this.definition);
  }

  /** What the export is called. */
  get names(): ExportNames {
    return { flow: "Kit", targetName: exportName, defaultName: `Kit__${exportName}` };
  }

  get persistentKey(): Json {
    return this.definition.getPersistentKey(this.use.spec, exportName, this.names);
  }

  /** The state that setup would record: what the target says, as JSON keeps it. */
  get state(): Json {
    return copyOf(this.givenState());
  }

  /** The state just as the target gives it. */
  givenState(): unknown {
    const { indexes, attachments } = this.options;
    const schema = this.schema.fields;
    return this.definition.setupState({ ...this.names, spec: this.use.spec, schema, indexes, attachments });
  }

  context(given: Partial<TargetContext> = {}): TargetContext {
    return {
      appDirectory: this.place.appDirectory,
      signal: new AbortController().signal,
      leaseNumber: 1,
      ...given,
    };
  }

  /** Calls `applySetupChange`; the states are copies, as those that setup takes from its record. */
  async apply(previous: Json, current: Json): Promise<void> {
    const change = { key: copyOf(this.persistentKey), previous: copyOf(previous), current: copyOf(current) };
    const what = `applySetupChange from ${previous === null ? "absent" : "there"} to ${current === null ? "absent" : "there"}`;
    await this.#call(what, () => this.definition.applySetupChange(change, this.context()));
  }

  async create(): Promise<this> {
    await this.apply(null, this.state);
    return this;
  }

  /** A backend that is there and holds these rows. */
  async createWith(rows: readonly KitRow[]): Promise<this> {
    await this.create();
    await this.write(rows);
    return this;
  }

  async open(given: Partial<TargetContext> = {}): Promise<OpenTarget> {
    const { indexes } = this.options;
    const context = { ...this.context(given), ...this.names, schema: this.schema.fields, indexes };
    const prepared = await this.#call("prepare", () => this.definition.prepare(this.use.spec, context));
    const opened: OpenTarget = {
      batch: (writes) => ({ target: prepared, mutations: writes.map((write) => this.#mutation(write)) }),
      close: async () => {
        this.#open.delete(opened);
        await this.#call("close", () => this.definition.close(prepared));
      },
      prepared,
    };
    this.#open.add(opened);
    return opened;
  }

  /** Opens the target, makes one call of `mutate` and closes the target, as an update with something to write does. */
  async write(writes: readonly Write[], given: Partial<TargetContext> = {}): Promise<void> {
    if (writes.length === 0) return;
    const opened = await this.open(given);
    await this.mutate([opened.batch(writes)], given);
    await opened.close();
  }

  /** One call of `mutate`; the batches may be of several backends of this kind. */
  async mutate(batches: readonly AnyBatch[], given: Partial<TargetContext> = {}): Promise<void> {
    await this.#call("mutate", () => this.definition.mutate(batches, this.context(given)));
  }

  /** What the call of `mutate` ends with: the thrown thing, or null when it claims to have done its work. */
  async outcomeOf(batches: readonly AnyBatch[], given: Partial<TargetContext> = {}): Promise<unknown> {
    const thrown: { value: unknown } = { value: null };
    await this.#call("mutate", async () => {
      try {
        await this.definition.mutate(batches, this.context(given));
      } catch (error) {
        thrown.value = error ?? new Error("nothing was thrown along");
      }
    });
    return thrown.value;
  }

  /** The state that the target says the backend is in. */
  inspect(): Promise<unknown> {
    const { appDirectory, signal } = this.context();
    const key = copyOf<Json>(this.persistentKey);
    return this.#call("inspect", () => this.definition.inspect!(key, { appDirectory, signal }));
  }

  /** What `readBack` of the target itself yields. */
  async ownRows(): Promise<readonly ForeignRow[]> {
    const opened = await this.open();
    const rows: ForeignRow[] = [];
    await this.#call("readBack", async () => {
      for await (const page of this.definition.readBack!(opened.prepared, this.context())) rows.push(...page);
    });
    await opened.close();
    return rows.map(({ key, value }) => ({ key: this.keyFromTarget(key), value }));
  }

  /** The rows that the outside system holds; null where there is no backend. */
  outside(): Promise<readonly ForeignRow[] | null> {
    return this.options.outside();
  }

  async expectRows(expected: Iterable<KitRow>, when: string): Promise<void> {
    const found = await this.outside();
    if (found === null) broken(`${when} there is no backend`);
    this.schema.expectSame(found, expected, `${when} the backend`);
  }

  async expectAbsent(when: string): Promise<void> {
    const found = await this.outside();
    if (found !== null) broken(`${when} the backend is still there, with ${found.length} rows`);
  }

  /** Closes what a case that failed has left open. */
  async dispose(): Promise<void> {
    for (const opened of [...this.#open]) await opened.close().catch(() => {});
  }

  #mutation({ key, value }: Write): Mutation<unknown, unknown> {
    const [only] = this.schema.fields.keyFields;
    return {
      key: this.#bareKeys ? key[only!.name] : { ...key },
      value: value === null ? null : { ...value },
    };
  }

  /** A key as the target knows it, in the form of the kit's schema. */
  keyFromTarget(key: unknown): unknown {
    if (this.#bareKeys === this.schema.bare) return key;
    const name = this.schema.fields.keyFields[0]!.name;
    return this.schema.bare ? (key as Record<string, unknown>)[name] : { [name]: key };
  }

  #call<T>(what: string, call: () => T | Promise<T>): Promise<T> {
    return withinTime(`${what} at ${brief(this.place.name)}`, this.options.callTimeoutMs, call);
  }
}

type AnyBatch = MutationBatch<unknown, unknown, unknown>;

/** A target that was prepared. */
export interface OpenTarget {
  readonly prepared: unknown;
  batch(writes: readonly Write[]): AnyBatch;
  close(): Promise<void>;
}

export function deletionOf({ key }: KitRow): Write {
  return { key, value: null };
}

/** Plain data as it comes back from a record. */
export function copyOf<T extends Json>(value: unknown): T {
  return JSON.parse(canonicalJson(value)) as T;
}

function takesBareKeys({ key, kind }: TargetDefinition): boolean {
  if (key === null || key._zod.def.type === "unknown" || key._zod.def.type === "any") return false;
  return typeOfSchema(key, `the key of target ${kind}`).kind !== "struct";
}
