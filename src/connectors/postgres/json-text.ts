import { fromJsonForm, toJsonForm, type ValueType } from "../../values/index.ts";

/** A value as JSON text, in the form that every connector gives it. U+0000, which `jsonb` refuses, is left out. */
export function toJsonText(type: ValueType, value: unknown): string {
  const form = toJsonForm(type, value);
  const text = JSON.stringify(form);
  return text.includes("\\u0000") ? JSON.stringify(withoutNul(form)) : text;
}

/** The value that {@link toJsonText} wrote. */
export function fromJsonText(type: ValueType, text: string): unknown {
  return fromJsonForm(type, JSON.parse(text));
}

/** Text without U+0000. */
export function stripNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}

function withoutNul(form: unknown): unknown {
  if (typeof form === "string") return stripNul(form);
  if (typeof form !== "object" || form === null) return form;
  if (Array.isArray(form)) return form.map(withoutNul);
  return Object.fromEntries(
    Object.entries(form).map(([name, member]) => [stripNul(name), withoutNul(member)]),
  );
}
