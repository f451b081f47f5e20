import { SluiceError } from "../../errors/index.ts";
import { toPlain, type ValueType } from "../../values/index.ts";
import { fromJsonText, stripNul, toJsonText } from "./json-text.ts";

/** A field and the column that holds it, as far as text is concerned. */
export interface Cell {
  readonly name: string;
  readonly type: ValueType;
  readonly isKey: boolean;
  /** Absent rather than null where its column is NULL. */
  readonly optional: boolean;
}

/**
 * A value in the text that Postgres reads as its column's type; null is NULL. Everything goes over as text: both
 * drivers carry it alike, and whatever type a user's own column has takes it where it can be meant.
 *
 * @throws SluiceError `mutate-failed` for a key with U+0000: without it, it could be another row's
 */
export function toCellText(cell: Cell, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const { type } = cell;
  switch (type.kind) {
    case "string":
      return cell.isKey ? keyText(cell.name, value as string) : stripNul(value as string);
    case "boolean":
    case "int":
    case "int64":
    case "float64":
      return String(value);
    case "float32":
      return String(toPlain(type, value));
    case "uuid":
      return value as string;
    case "time":
      return fineEnough(cell, value as string);
    case "bytes":
      return `\\x${Buffer.from((value as Uint8Array).buffer, (value as Uint8Array).byteOffset, (value as Uint8Array).byteLength).toString("hex")}`;
    case "date":
    case "localDateTime":
      return toCalendarText(fineEnough(cell, value as string));
    case "offsetDateTime":
      // In a key it is text, which is kept as it is.
      return cell.isKey ? (value as string) : toCalendarText(value as string);
    case "duration":
      return toIntervalText(fineEnough(cell, value as string));
    case "range":
      return `{${(value as readonly number[]).join(",")}}`;
    case "vector":
      return toVectorText(type, value);
    default:
      return cell.isKey ? keyText(cell.name, toJsonText(type, value)) : toJsonText(type, value);
  }
}

/** The value that a column's text stands for. */
export function fromCellText({ type, optional }: Cell, text: string | null): unknown {
  if (text === null) return optional && !type.nullable ? undefined : null;
  switch (type.kind) {
    case "boolean":
      return text === "true" || text === "t";
    case "int":
    case "float32":
    case "float64":
      return Number(text);
    case "int64":
      return BigInt(text);
    case "string":
    case "uuid":
    case "time":
      return text;
    case "bytes":
      return new Uint8Array(Buffer.from(text.slice(2), "hex"));
    case "date":
    case "localDateTime":
    case "offsetDateTime":
      return fromCalendarText(text);
    case "duration":
      return fromIntervalText(text);
    case "range":
      return text.slice(1, -1).split(",").map(Number);
    default:
      return fromJsonText(type, text);
  }
}

/** Postgres rounds to microseconds: two keys could come to be one. */
function fineEnough({ name, isKey }: Cell, text: string): string {
  if (!isKey || !/\.\d{7}/.test(text)) return text;
  throw new SluiceError("mutate-failed", `key field ${name} is finer than a microsecond: ${text}`, {
    hint: "Postgres rounds times to microseconds. Round it, or make the key of text.",
  });
}

function keyText(name: string, text: string): string {
  if (!text.includes("\0")) return text;
  throw new SluiceError("mutate-failed", `key field ${name} has U+0000, which Postgres cannot hold`, {
    hint: "Leave it out, or replace it, before the row is collected.",
  });
}

/** As pgvector prints and reads it, which is as JSON has it. */
function toVectorText(type: ValueType, value: unknown): string {
  const vector = value as Float32Array | Float64Array;
  // 32-bit numbers with all their digits as 64-bit ones are read as they were: no need to look for fewer.
  for (const number of vector) if (!Number.isFinite(number)) return toJsonText(type, value);
  return `[${vector.join(",")}]`;
}

/** Year 0000 is 1 BC to Postgres. */
function toCalendarText(text: string): string {
  return text.startsWith("0000") ? `0001${text.slice(4).replace("T", " ")} BC` : text;
}

function fromCalendarText(text: string): string {
  const iso = text.replace(" ", "T");
  return text.endsWith(" BC") && text.startsWith("0001") ? `0000${iso.slice(4).replace(/[T ]BC$/, "")}` : iso;
}

/** Postgres wants the sign on every part. */
function toIntervalText(text: string): string {
  return text.startsWith("-") ? text.slice(1).replace(/[\d.]+/g, "-$&") : text;
}

function fromIntervalText(text: string): string {
  return text.slice(1).includes("-") ? `-${text.replaceAll("-", "")}` : text;
}
