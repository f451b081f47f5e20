/** What can keep its former name. */
export interface Renamable {
  readonly name: string;
  readonly renamedFrom?: string;
}

/** What ids are made from in place of names: the former one, where that was given up, and to nobody else. */
export function idNameOf(all: readonly Renamable[], wanted: string): string {
  const { name, renamedFrom } = all.find((one) => one.name === wanted)!;
  if (renamedFrom === undefined || all.some((one) => one.name === renamedFrom)) return name;
  const heir = all.find((one) => one.renamedFrom === renamedFrom)!;
  return heir.name === name ? renamedFrom : name;
}
