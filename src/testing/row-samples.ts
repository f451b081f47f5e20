import type { z } from "zod";
import type { ValueSchema } from "../contracts/schema.ts";
import { isSluiceError } from "../errors/index.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import type { FieldType } from "../values/index.ts";
import { UnusableOptions } from "./conformance-suite.ts";
import { brief, type ForeignRow, type KitRow, type RowSchema, type Struct } from "./row-schema.ts";
import type { Samples } from "./scalar-samples.ts";
import { samplesOf } from "./value-samples.ts";

export interface RowSamplesOptions {
  readonly schema: RowSchema;
  /** Rows that the user gave. */
  readonly given: readonly ForeignRow[];
  /** The `n`-th key, where keys cannot be made from their schema. */
  readonly numberedKey: ((n: number) => unknown) | null;
}

interface Field {
  readonly name: string;
  readonly schema: ValueSchema;
  readonly samples: Samples;
}

/** Makes rows that fit a schema. */
export class RowSamples {
  readonly schema: RowSchema;
  readonly #given: readonly KitRow[];
  readonly #numberedKey: ((n: number) => unknown) | null;
  readonly #keyFields: readonly Field[];
  readonly #valueFields: readonly Field[];

  constructor({ schema, given, numberedKey }: RowSamplesOptions) {
    this.schema = schema;
    this.#numberedKey = numberedKey;
    const keySchema = (name: string) => (schema.bare ? schema.keySchema : partOf(schema.keySchema, name));
    this.#keyFields = schema.fields.keyFields.map((field) => fieldOf(field, keySchema(field.name)));
    this.#valueFields = schema.fields.valueFields.map((field) =>
      fieldOf(field, partOf(schema.valueSchema, field.name)),
    );
    this.#given = given.map((row) => this.#fitting(row) ?? unfit(row));
  }

  /** The rows that the user gave, or else a few plain ones. */
  get given(): readonly KitRow[] {
    return this.#given.length > 0 ? this.#given : this.rows(3);
  }

  /** The `n`-th plain row. */
  row(n: number): KitRow {
    const { key } = this.#make(this.#key(n), this.#anyValue());
    return { key, value: this.#value(n) };
  }

  /** So many rows with different keys, from number `from` on. */
  rows(count: number, from = 0): readonly KitRow[] {
    const rows = Array.from({ length: count }, (_, n) => this.row(from + n));
    const ids = new Set(rows.map((row) => this.schema.idOf(row)));
    if (ids.size === count) return rows;
    throw new UnusableOptions(
      `${count} different keys could not be made of the key schema: give numberedKey, which makes the n-th`,
    );
  }

  /** The same key with another value, which differs more the more fields there are. */
  edited(row: KitRow, edition = 1): KitRow {
    for (let n = 1_000 * edition; n < 1_000 * edition + 50; n++) {
      const other = { key: row.key, value: this.#value(n) };
      if (!this.schema.sameValue(row, other)) return other;
    }
    throw new UnusableOptions("two different values could not be made of the value schema: give rows");
  }

  /** The same key with as little in its value as the schema allows. */
  emptied(row: KitRow): KitRow {
    let value = this.#value(7);
    for (const { name } of this.#valueFields) {
      const { [name]: _, ...others } = value;
      value =
        this.#fitting({ key: this.schema.givenKey(row.key), value: others })?.value ??
        this.#fitting({ key: this.schema.givenKey(row.key), value: { ...value, [name]: null } })?.value ??
        value;
    }
    return { key: row.key, value };
  }

  /** A row for each value at the limits of a field, with all other fields plain. */
  oddValues(): readonly KitRow[] {
    const base = this.row(0);
    const values = this.#valueFields.flatMap(({ name, samples }) =>
      samples.odd.map((one) => ({ ...base.value, [name]: one })),
    );
    const fitting = values.filter((value) => this.#fitting({ key: this.schema.givenKey(base.key), value }));
    return this.rows(fitting.length).map(({ key }, n) => this.#make(key, fitting[n]!));
  }

  /** A row for each key at the limits of a field. */
  oddKeys(): readonly KitRow[] {
    return this.#keysOf("odd");
  }

  /** Rows whose keys some systems take for one another. */
  alikeKeys(): readonly KitRow[] {
    const [first, second] = this.#keyFields;
    const joined = [
      ["a", "bc"],
      ["ab", "c"],
      ["a|b", "c"],
      ["a", "b|c"],
      ["a/b", "c"],
      ["a", "b/c"],
    ];
    const base = this.row(0);
    const pairs =
      second === undefined
        ? []
        : joined.map(([one, other]) => ({ ...base.key, [first!.name]: one, [second.name]: other }));
    return this.#distinct([...this.#keysOf("alike").map(({ key }) => key), ...pairs]);
  }

  /** Rows drawn at random, from a seed. */
  random(count: number, seed: number): readonly KitRow[] {
    const random = seededRandom(seed);
    const keys = Array.from({ length: count }, () => this.#draw(this.#keyFields, random));
    const values = () => this.#draw(this.#valueFields, random);
    return this.#distinct(keys).map((row) => {
      const value = values();
      return this.#fitting({ key: this.schema.givenKey(row.key), value }) ?? row;
    });
  }

  #draw(fields: readonly Field[], random: Random): Struct {
    const choose = (samples: Samples) => {
      const n = Math.floor(random.next() * 10_000);
      const all = random.next() < 0.6 ? samples.odd : samples.alike;
      return all.length > 0 && random.next() < 0.7 ? all[n % all.length] : numbered(samples, n);
    };
    return Object.fromEntries(
      fields.map(({ name, samples, schema }) => {
        const chosen = choose(samples);
        return [name, schema.safeParse(chosen).success ? chosen : this.#plain(fields, name, random)];
      }),
    );
  }

  #plain(fields: readonly Field[], name: string, random: Random): unknown {
    const field = fields.find((candidate) => candidate.name === name)!;
    return plainOf(field, Math.floor(random.next() * 10_000)) ?? null;
  }

  #keysOf(kind: "odd" | "alike"): readonly KitRow[] {
    const base = this.row(0);
    return this.#distinct(
      this.#keyFields.flatMap(({ name, samples }) =>
        samples[kind].map((one) => ({ ...base.key, [name]: one })),
      ),
    );
  }

  /** A row for each key that fits, each key once. */
  #distinct(keys: readonly Struct[]): readonly KitRow[] {
    const rows = new Map<string, KitRow>();
    for (const key of keys) {
      const row = this.#fitting({ key: this.schema.givenKey(key), value: this.#value(rows.size) });
      if (row) rows.set(this.schema.idOf(row), row);
    }
    return [...rows.values()];
  }

  #key(n: number): Struct {
    if (this.#numberedKey) return this.#make(this.#bareless(this.#numberedKey(n)), this.#anyValue()).key;
    const key = numberedStruct(this.#keyFields, n);
    if (key && this.#fitting({ key: this.schema.givenKey(key), value: this.#anyValue() })) return key;
    const given = this.#given[n];
    if (given) return given.key;
    throw new UnusableOptions(
      "no key could be made of the key schema: give numberedKey, which makes the n-th",
    );
  }

  #bareless(key: unknown): Struct {
    return this.schema.bare ? { [this.#keyFields[0]!.name]: key } : (key as Struct);
  }

  #value(n: number): Struct {
    const value = numberedStruct(this.#valueFields, n);
    if (value && this.schema.valueSchema.safeParse(value).success) return value;
    const given = this.#given[n % Math.max(1, this.#given.length)];
    if (given) return given.value;
    throw new UnusableOptions("no value could be made of the value schema: give rows that fit it");
  }

  #anyValue(): Struct {
    return this.#value(0);
  }

  #make(key: Struct, value: Struct): KitRow {
    return this.#fitting({ key: this.schema.givenKey(key), value }) ?? unfit({ key, value });
  }

  /** The row in canonical form; null where the schemas do not take it. */
  #fitting({ key, value }: ForeignRow): KitRow | null {
    const { keySchema, valueSchema } = this.schema;
    if (!keySchema.safeParse(key).success || !valueSchema.safeParse(value).success) return null;
    try {
      return this.schema.row({ key, value });
    } catch (thrown) {
      if (isSluiceError(thrown) && thrown.code === "value-invalid") return null;
      throw thrown;
    }
  }
}

function fieldOf({ name, type }: FieldType, schema: ValueSchema): Field {
  return { name, schema, samples: listedSamples(schema) ?? samplesOf(type) };
}

/** The values of a schema that lists all that it takes, as an enum does; null for any other. */
function listedSamples(schema: ValueSchema): Samples | null {
  const values = [...(schema._zod.values ?? [])].filter((value) => value !== undefined);
  if (values.length === 0) return null;
  return { numbered: [(n) => values[n % values.length]], odd: values, alike: values };
}

/** The schema of a field of an object. */
function partOf(schema: ValueSchema, name: string): ValueSchema {
  return ((schema as z.ZodObject).shape?.[name] as ValueSchema | undefined) ?? schema;
}

function numbered(samples: Samples, n: number): unknown {
  return samples.numbered[0]!(n);
}

/** The `n`-th value that the field's schema takes; undefined where it takes none. */
function plainOf({ schema, samples }: Field, n: number): unknown {
  const takes = (value: unknown) => schema.safeParse(value).success;
  return samples.numbered.map((make) => make(n)).find(takes) ?? samples.odd.find(takes);
}

/** Null where a field's schema takes none of its samples. */
function numberedStruct(fields: readonly Field[], n: number): Struct | null {
  const members = fields.map((field) => [field.name, plainOf(field, n)] as const);
  return members.some(([, value]) => value === undefined) ? null : Object.fromEntries(members);
}

function unfit(row: ForeignRow): never {
  throw new UnusableOptions(`a row that was given does not fit the schema: ${brief(row)}`);
}
