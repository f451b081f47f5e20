import type { SqlRow } from "../client-shapes.ts";
import { quoteIdentifier, quoteTable } from "../identifiers.ts";
import { columnKind } from "./column-kinds.ts";
import type { TableColumns } from "./table-catalog.ts";
import type { TableField, TableSpec } from "./table-spec.ts";

/** A statement and its parameters. */
export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The key of a row as texts, one for each key field. */
export type KeyTexts = readonly string[];

/** A row as it came. */
export interface ReadTableRow {
  readonly key: Readonly<Record<string, unknown>>;
  readonly texts: KeyTexts;
  readonly ordinal: bigint | null;
  readonly value: Readonly<Record<string, unknown>>;
  /** How much text it was. */
  readonly size: number;
}

export interface TableQuerySettings {
  readonly spec: TableSpec;
  readonly fields: readonly TableField[];
  readonly columns: TableColumns;
}

/** The statements that read a table, and what their rows mean. Pure. */
export class TableQuery {
  readonly #spec: TableSpec;
  readonly #keys: readonly TableField[];
  readonly #values: readonly TableField[];
  readonly #columns: TableColumns;

  constructor({ spec, fields, columns }: TableQuerySettings) {
    this.#spec = spec;
    this.#keys = fields.filter(({ isKey }) => isKey);
    this.#values = fields.filter(({ isKey }) => !isKey);
    this.#columns = columns;
  }

  /** The next rows in the order of the key: with their values, or where versions are listed, without. */
  page(after: KeyTexts | null, limit: number): Query {
    const withValues = this.#spec.ordinalColumn === null;
    const where = [...this.#filter(), ...(after === null ? [] : [this.#isAfter()])];
    const order = this.#keys.map(({ column }) => `t.${quoteIdentifier(column)}`).join(", ");
    const text = `SELECT ${this.#selected(withValues)} FROM ${this.#table()} AS t${whereAll(where)} ORDER BY ${order} LIMIT ${limit}`;
    return { text, values: [...this.#filterValues(), ...(after ?? [])] };
  }

  /** The rows of some keys that are there, each with the place `n` of its key, from 1. */
  rows(keys: readonly KeyTexts[]): Query {
    const names = this.#keys.map((_, index) => `k${index}`);
    const arrays = names.map((_, index) => `$${this.#firstParameter() + index}::text[]`);
    const wanted = `unnest(${arrays.join(", ")}) WITH ORDINALITY AS wanted(${[...names, "n"].join(", ")})`;
    const same = this.#keys.map(
      (field, index) => `t.${quoteIdentifier(field.column)} = ${this.#operand(field, `wanted.k${index}`)}`,
    );
    const text = `SELECT wanted.n::text AS n, ${this.#selected(true)} FROM ${wanted} JOIN ${this.#table()} AS t ON ${same.join(" AND ")}${whereAll(this.#filter())}`;
    const columns = names.map((_, index) => keys.map((key) => key[index]!));
    return { text, values: [...this.#filterValues(), ...columns] };
  }

  read(row: SqlRow): ReadTableRow {
    const texts = this.#keys.map((_, index) => row[`k${index}`] as string);
    const key = this.#keys.map(({ name, type }, index) => [name, decoded(type, texts[index]!)] as const);
    const value = this.#values.flatMap(({ name, type }, index) => {
      const text = row[`v${index}`] as string | null | undefined;
      return text === undefined ? [] : [[name, decoded(type, text)] as const];
    });
    const { o = null } = row;
    return {
      key: Object.fromEntries(key),
      texts,
      ordinal: o === null ? null : BigInt(o as string),
      value: Object.fromEntries(value),
      size: Object.values(row).reduce<number>((size, text) => size + String(text ?? "").length, 0),
    };
  }

  /** A key as the engine has it, as texts. */
  textsOf(key: Readonly<Record<string, unknown>>): KeyTexts {
    return this.#keys.map(({ name }) => {
      const part = key[name];
      return part instanceof Uint8Array ? Buffer.from(part).toString("hex") : String(part);
    });
  }

  #table(): string {
    return quoteTable(this.#spec);
  }

  #selected(withValues: boolean): string {
    const columns = this.#keys.map((field, index) => `${this.#text(field)} AS k${index}`);
    if (withValues) columns.push(...this.#values.map((field, index) => `${this.#text(field)} AS v${index}`));
    const { ordinalColumn } = this.#spec;
    if (ordinalColumn !== null) columns.push(`${this.#ordinal(ordinalColumn)} AS o`);
    return columns.join(", ");
  }

  /** Of a timestamp its microseconds, which is as fine as Postgres has it. */
  #ordinal(column: string): string {
    const operand = `t.${quoteIdentifier(column)}`;
    const isTime = this.#columns.get(column)!.name.startsWith("timestamp");
    return isTime ? `round(extract(epoch from ${operand}) * 1000000)::bigint::text` : `${operand}::text`;
  }

  #text({ column, type }: TableField): string {
    const operand = `t.${quoteIdentifier(column)}`;
    const text = columnKind(type).text(operand, this.#columns.get(column)!);
    return `CASE WHEN ${operand} IS NOT NULL THEN ${text} END`;
  }

  /** The text of a part of a key, as the value that it is of. */
  #operand({ column, type }: TableField, text: string): string {
    return type.kind === "bytes" ? `decode(${text}, 'hex')` : `${text}::${this.#columns.get(column)!.cast}`;
  }

  #isAfter(): string {
    const columns = this.#keys.map(({ column }) => `t.${quoteIdentifier(column)}`);
    const parts = this.#keys.map((field, index) =>
      this.#operand(field, `$${this.#firstParameter() + index}::text`),
    );
    return `(${columns.join(", ")}) > (${parts.join(", ")})`;
  }

  #filter(): readonly string[] {
    return this.#spec.filter === null ? [] : [`(${this.#spec.filter.sql}\n)`];
  }

  #filterValues(): readonly unknown[] {
    return this.#spec.filter?.values ?? [];
  }

  /** The parameters of the filter come first, numbered as its author has numbered them. */
  #firstParameter(): number {
    return this.#filterValues().length + 1;
  }
}

/** A materialized view may have NULL in its key, too. */
function decoded(type: TableField["type"], text: string | null): unknown {
  return text === null ? null : columnKind(type).decode(text);
}

function whereAll(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}
