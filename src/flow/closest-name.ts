import { editDistance } from "../kernel/edit-distance.ts";

/** The name that was probably meant, or null when none is near. */
export function closestName(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `Did you mean content? It has filename and content.` */
export function nameHint(name: string, names: readonly string[], has: string): string {
  const closest = closestName(name, names);
  const all = names.length === 0 ? `${has} none.` : `${has} ${listed(names)}.`;
  return closest === null ? all : `Did you mean ${closest}? ${all}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[], last = "and"): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}
