import { SluiceError } from "../../errors/index.ts";

/** What Postgres keeps of a name; it would cut off the rest without a word that anyone sees. */
const maxIdentifierBytes = 63;

/** A name as SQL has it, always in quotes: as it is, whatever its letters. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name with its schema; the first schema of the search path where there is none. */
export function quoteTable(table: { readonly schema: string | null; readonly table: string }): string {
  const name = quoteIdentifier(table.table);
  return table.schema === null ? name : `${quoteIdentifier(table.schema)}.${name}`;
}

/** Text as SQL has it, whatever `standard_conforming_strings` says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return text.includes("\\") ? `E${quoted}` : quoted;
}

/**
 * Refuses what Postgres cannot take for a name as it is.
 *
 * @throws SluiceError `name-invalid`
 */
export function checkIdentifier(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= maxIdentifierBytes && !name.includes("\0")) return;
  const why =
    bytes > maxIdentifierBytes
      ? `has ${bytes} bytes, and Postgres takes ${maxIdentifierBytes}`
      : "is empty or has U+0000";
  throw new SluiceError("name-invalid", `${what} ${JSON.stringify(name)} ${why}`, {
    hint: "Give it a shorter name: Postgres would cut it off, and two names could come to be one.",
  });
}
