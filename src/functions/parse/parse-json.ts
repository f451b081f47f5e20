import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import { SluiceError } from "../../errors/index.ts";
import { type JsonValue, json } from "../../values/index.ts";
import { findJsonError } from "./find-json-error.ts";

/**
 * Parses JSON text (RFC 8259). A byte order mark at the beginning is ignored.
 *
 * @example
 * file.content.transform(parseJson);
 *
 * @throws SluiceError for a row `content-invalid`, which says at what line and column
 */
export const parseJson = defineFunction({
  name: "parseJson",
  version: 1,
  input: { text: z.string() },
  output: json(),
  run({ text }) {
    const given = text.startsWith("\uFEFF") ? text.slice(1) : text;
    try {
      return JSON.parse(given) as JsonValue;
    } catch (cause) {
      throw noJson(given, cause);
    }
  },
});

function noJson(text: string, cause: unknown): SluiceError {
  const at = findJsonError(text) ?? text.length;
  const before = text.slice(0, at).split(/\r\n|[\r\n]/);
  const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
  const found = at >= text.length ? "the text ends too early" : `unexpected ${shown(text, at)}`;
  return new SluiceError("content-invalid", `no JSON: ${found} at ${place}`, { cause });
}

function shown(text: string, at: number): string {
  return JSON.stringify(String.fromCodePoint(text.codePointAt(at)!));
}
