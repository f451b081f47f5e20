/// <reference lib="es2024.string" />

/** Whether a text has no half of a surrogate pair alone, and so has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
