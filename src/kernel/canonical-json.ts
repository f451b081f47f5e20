/**
 * JSON with the keys of objects sorted and members that are undefined left out, so that equal data gives equal
 * text. Throws a TypeError for what JSON cannot say (bigint, cycles).
 */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_name, member: unknown) => (isPlainObject(member) ? sorted(member) : member)) ??
    "null"
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries);
}
