/** What generated ids are made from in place of a name, so that they stay through a rename. */
export interface Renamed {
  readonly name: string;
  readonly renamedFrom: string | null;
}

/**
 * By name: the former name of what was renamed, as long as nothing else bears it or bore it too. Else ids of two would
 * be equal.
 */
export function idNames(all: readonly Renamed[]): ReadonlyMap<string, string> {
  const taken = new Set(all.map(({ name }) => name));
  const names = new Map<string, string>();
  for (const { name, renamedFrom } of all) {
    const kept = renamedFrom !== null && !taken.has(renamedFrom);
    names.set(name, kept ? renamedFrom : name);
    if (kept) taken.add(renamedFrom);
  }
  return names;
}
