import { inspect } from "node:util";
import type { z } from "zod";
import type { SchemaInput, ValueSchema } from "../contracts/schema.ts";
import type { TargetSchema } from "../contracts/target.ts";
import { messageOf } from "../errors/index.ts";
import { bytesToMapKey, equalBytes } from "../kernel/bytes.ts";
import {
  type FieldType,
  formatKey,
  type KeyCodec,
  keyCodec,
  normalizer,
  typeOfSchema,
  type ValueCodec,
  type ValueType,
  valueCodec,
} from "../values/index.ts";
import { broken } from "./conformance-suite.ts";

/** A row as users of a kit write it. A key schema that is no object means keys that are bare values. */
export interface ConformanceRow<K extends ValueSchema, V extends ValueSchema> {
  readonly key: SchemaInput<K>;
  readonly value: SchemaInput<V>;
}

export type Struct = Readonly<Record<string, unknown>>;

/** A row of a kit: key and value by field, in canonical form. */
export interface KitRow {
  readonly key: Struct;
  readonly value: Struct;
}

/** A row of which nothing is known yet. */
export interface ForeignRow {
  readonly key: unknown;
  readonly value: unknown;
}

/** What the rows of a kit are made of, and how they are told apart. */
export class RowSchema {
  readonly fields: TargetSchema;
  /** Whether a key is a single value rather than a struct. */
  readonly bare: boolean;
  readonly keySchema: ValueSchema;
  readonly valueSchema: z.ZodObject;
  readonly keyType: ValueType;
  /** Key and value fields together, as a collector has them. */
  readonly entryType: ValueType;
  readonly #keys: KeyCodec;
  readonly #values: ValueCodec;
  readonly #normalizeKey: (key: unknown) => unknown;
  readonly #normalizeValue: (value: unknown) => unknown;

  constructor(key: ValueSchema, value: z.ZodObject) {
    const keyType = typeOfSchema(key, "the key of the kit's rows");
    const valueType = typeOfSchema(value, "the value of the kit's rows");
    this.keySchema = key;
    this.valueSchema = value;
    this.bare = keyType.kind !== "struct";
    const valueFields = required(valueType.kind === "struct" ? valueType.fields : []);
    const keyFields = required(
      keyType.kind === "struct" ? keyType.fields : [bareField(keyType, valueFields)],
    );
    this.fields = { keyFields, valueFields };
    this.keyType = { kind: "struct", fields: keyFields, nullable: false };
    const fullValue: ValueType = { kind: "struct", fields: valueFields, nullable: false };
    this.entryType = { kind: "struct", fields: [...keyFields, ...valueFields], nullable: false };
    this.#keys = keyCodec(this.keyType);
    this.#values = valueCodec(fullValue);
    this.#normalizeKey = normalizer(this.keyType);
    this.#normalizeValue = normalizer(fullValue);
  }

  /** The row in canonical form; throws SluiceError `value-invalid` where it does not fit. */
  row({ key, value }: ForeignRow): KitRow {
    const struct = this.bare ? { [this.fields.keyFields[0]!.name]: key } : key;
    return { key: this.#normalizeKey(struct) as Struct, value: this.#normalizeValue(value) as Struct };
  }

  /** The key in the form that the schema gives it. */
  givenKey(key: Struct): unknown {
    return this.bare ? key[this.fields.keyFields[0]!.name] : key;
  }

  /** Equal for equal keys, and only for them. */
  idOf(row: KitRow): string {
    return bytesToMapKey(this.#keys.encode(row.key));
  }

  sameValue(one: KitRow, other: KitRow): boolean {
    return equalBytes(this.#values.encode(one.value), this.#values.encode(other.value));
  }

  /** The key in words. */
  show(row: KitRow): string {
    return visible(formatKey(this.keyType, row.key));
  }

  /** Fails unless the rows found are just those expected, in whatever order. `what` says where they were found. */
  expectSame(found: Iterable<ForeignRow>, expected: Iterable<KitRow>, what: string): void {
    const differences = this.differences(found, expected, what);
    if (differences.length > 0) broken(`${what} ${inBrief(differences)}`);
  }

  /** How the rows found differ from those expected, in words. Fails where one of them does not fit. */
  differences(found: Iterable<ForeignRow>, expected: Iterable<KitRow>, what: string): readonly string[] {
    return this.#differences(this.#read(found, what), [...expected]);
  }

  #read(found: Iterable<ForeignRow>, what: string): KitRow[] {
    return [...found].map((row) => {
      try {
        return this.row(row);
      } catch (thrown) {
        return broken(
          `${what} holds a row that does not fit the schema, ${brief(row)}: ${messageOf(thrown)}`,
        );
      }
    });
  }

  #differences(found: readonly KitRow[], expected: readonly KitRow[]): string[] {
    const differences: string[] = [];
    const left = new Map(expected.map((row) => [this.idOf(row), row]));
    const seen = new Set<string>();
    for (const row of found) {
      const id = this.idOf(row);
      const wanted = left.get(id);
      left.delete(id);
      if (seen.has(id)) differences.push(`holds row ${this.show(row)} twice`);
      else if (wanted === undefined)
        differences.push(`holds row ${this.show(row)}, which should not be there`);
      else if (!this.sameValue(row, wanted)) differences.push(this.#difference(row, wanted));
      seen.add(id);
    }
    return [...differences, ...[...left.values()].map((row) => `lacks row ${this.show(row)}`)];
  }

  #difference(found: KitRow, expected: KitRow): string {
    const fields = this.fields.valueFields.filter((field) => {
      const codec = valueCodec(field.type);
      return !equalBytes(codec.encode(found.value[field.name]), codec.encode(expected.value[field.name]));
    });
    const parts = fields.map(
      ({ name }) => `${name} is ${brief(found.value[name])} and should be ${brief(expected.value[name])}`,
    );
    return `holds row ${this.show(found)} with another value: ${parts.join(", ")}`;
  }
}

/** The first few of what may be many. */
export function inBrief(differences: readonly string[]): string {
  const more = differences.length > 3 ? ` (and ${differences.length - 3} more)` : "";
  return `${differences.slice(0, 3).join("; ")}${more}`;
}

/** A value in a few words, with all that is not plain ASCII spelled out: what differs must look different. */
export function brief(value: unknown): string {
  const limits = { depth: 4, maxStringLength: 60, maxArrayLength: 8 };
  return visible(inspect(value, { ...limits, compact: true, breakLength: Number.POSITIVE_INFINITY }));
}

function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Collectors give every field of a row: an optional one is one that an export may do without. */
function required(fields: readonly FieldType[]): FieldType[] {
  return fields.map((field) => ({ ...field, optional: false }));
}

function bareField(type: ValueType, valueFields: readonly FieldType[]): FieldType {
  const taken = new Set(valueFields.map(({ name }) => name));
  const name = ["key", "id", "rowKey"].find((candidate) => !taken.has(candidate)) ?? "keyOfRow";
  return { name, type, optional: false };
}
