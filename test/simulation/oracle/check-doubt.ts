import type { ModelState } from "../model/model-state.ts";
import type { Backends } from "../world/backends.ts";
import { type Problem, problem } from "./problem.ts";

/**
 * What holds whatever went wrong since the last clean update. `window` is every state that the world was to be in
 * since then, that of the last clean update first. A row is what one of them yields, whoever is the first to claim
 * its key; and where a row claims a key in all of them, the key is never away.
 */
export function checkDoubt(window: readonly ModelState[], backends: Backends): Problem | null {
  for (const [name, { rows }] of backends.all) {
    const known = window.flatMap(({ backends: all }) => all.get(name) ?? []);
    if (known.length === 0) return problem("doubt", `${name} is there, and nothing asked for it`);
    for (const [key, value] of rows) {
      const yielded = known.some(({ claims }) => claims.get(key)?.some((claim) => claim.value === value));
      if (!yielded) return problem("doubt", `${name} has ${value} at ${key}, which nothing yields`);
    }
  }
  return checkPresence(window, backends);
}

function checkPresence(window: readonly ModelState[], backends: Backends): Problem | null {
  const [first, ...others] = window;
  for (const [name, { claims, shape }] of first!.backends) {
    const later = others.map((state) => state.backends.get(name));
    const anew = later.some(
      (one) =>
        !one ||
        one.shape.target.edition !== shape.target.edition ||
        String(one.shape.key) !== String(shape.key),
    );
    if (anew) continue;
    for (const [key, claimed] of claims) {
      if (backends.all.get(name)?.rows.has(key)) continue;
      const always = claimed.find(({ row }) =>
        later.every((one) => one!.claims.get(key)?.some((claim) => claim.row === row)),
      );
      if (always) return problem("doubt", `${name} lacks ${key}, which row ${always.row} never gave up`);
    }
  }
  return null;
}
