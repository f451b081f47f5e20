import { bytesToHex } from "../kernel/bytes.ts";
import { isIdentifier } from "./misfit.ts";
import type { PlainObject } from "./own-property.ts";
import type { ValueType } from "./value-type.ts";

const maxLength = 120;

/**
 * A key as short text for messages, never longer than about 130 characters: a string as it is, with control
 * characters escaped and its middle left out where it is long; composite ones like `{a: 1, b: "x"}`.
 */
export function formatKey(type: ValueType, key: unknown): string {
  return shorten(
    type.kind === "string" && typeof key === "string" ? escapeControls(key) : formatPart(type, key),
  );
}

function formatPart(type: ValueType, value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (type.kind === "struct") {
    const fields = type.fields.map(
      ({ name, type }) => `${formatName(name)}: ${formatPart(type, (value as PlainObject)[name])}`,
    );
    return `{${fields.join(", ")}}`;
  }
  if (type.kind === "tuple") {
    return `[${type.items.map((item, i) => formatPart(item, (value as readonly unknown[])[i])).join(", ")}]`;
  }
  if (type.kind === "range") return `[${(value as readonly number[]).join(", ")}]`;
  if (value instanceof Uint8Array) return `0x${bytesToHex(value.subarray(0, maxLength))}`;
  if (type.kind === "string") return escapeControls(JSON.stringify(value));
  return String(value);
}

function formatName(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name);
}

/** JSON escapes the controls below the space only; those from 0x7f on would reach a terminal too. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => {
    const code = control.charCodeAt(0);
    return code < 0x20 ? JSON.stringify(control).slice(1, -1) : `\\u00${code.toString(16)}`;
  });
}

/** Both ends tell keys apart: paths begin alike, and end alike by their extension. */
function shorten(text: string): string {
  if (text.length <= maxLength) return text;
  const characters = Array.from(text.length > 4 * maxLength ? text.slice(0, 200) + text.slice(-200) : text);
  return `${characters.slice(0, 70).join("")}…${characters.slice(-45).join("")}`;
}
