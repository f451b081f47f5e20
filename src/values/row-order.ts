import { compareBytes } from "../kernel/bytes.ts";
import { formatKey } from "./format-key.ts";
import { keyCodec } from "./key-codec.ts";
import { Misfit } from "./misfit.ts";
import type { PlainObject } from "./own-property.ts";
import type { TableType, ValueType } from "./value-type.ts";

/**
 * Compiles the sorting of a keyed table's rows by their key, fields in the order of `keyFields`. Sorted rows come
 * back as the same array; two rows of one key are a misfit.
 */
export function sortByKey(table: TableType): (rows: readonly unknown[]) => readonly unknown[] | Misfit {
  const keyType = keyTypeOfTable(table);
  const { encode } = keyCodec(keyType);
  return (rows) => {
    const keys = rows.map((row) => encode(row));
    const order = orderOf(keys);
    const twin = order.findIndex((row, i) => i > 0 && compareBytes(keys[order[i - 1]!]!, keys[row]!) === 0);
    if (twin >= 0) {
      const [first, second] = [order[twin - 1]!, order[twin]!];
      const key = formatKey(keyType, pickKey(table, rows[second] as PlainObject));
      return new Misfit(`rows ${first} and ${second} have the same key ${key}`);
    }
    return order.every((row, i) => row === i) ? rows : order.map((row) => rows[row]);
  };
}

/** The key of a keyed table's rows as a struct. */
export function keyTypeOfTable(table: TableType): ValueType {
  const fields = (table.keyFields ?? []).map((name) => {
    const field = table.fields.find((field) => field.name === name);
    if (field === undefined) throw new TypeError(`a table has the key field ${name}, but no such field`);
    return field;
  });
  return { kind: "struct", fields, nullable: false };
}

function pickKey(table: TableType, row: PlainObject): PlainObject {
  return Object.fromEntries((table.keyFields ?? []).map((name) => [name, row[name]]));
}

function orderOf(keys: readonly Uint8Array[]): number[] {
  const order = keys.map((_, i) => i);
  const sorted = keys.every((key, i) => i === 0 || compareBytes(keys[i - 1]!, key) <= 0);
  return sorted ? order : order.sort((a, b) => compareBytes(keys[a]!, keys[b]!));
}
