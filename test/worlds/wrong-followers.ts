import { retelling, tellingOnly, type WrongSource } from "./wrong-source.ts";

/** For each rule that is about what a live update comes to. */
export const wrongFollowers: readonly WrongSource[] = [
  {
    rule: "a live update follows the source",
    seen: /after a row was removed the target of a flow that follows the source still holds row .*row-2.*, which should not be there within 1000 ms/,
    faults: tellingOnly(({ deleted }) => !deleted),
  },
  {
    rule: "a live update follows the source",
    seen: /after a row was edited the target .* still holds row .*row-1.* with another value: .* within 1000 ms/,
    // Told as it was listed, so that there seems to be nothing to do.
    faults: retelling((page) =>
      page.map(({ key }) => ({ key, ordinal: Number(key.id.slice(4)) + 1, contentVersion: "v2" })),
    ),
  },
  {
    rule: "a live update of a random history ends as a rebuild would",
    seen: /in the history of seed 1, after burst \d the target of a flow that follows the source still .* within 1000 ms/,
    faults: (...given) => {
      const told = new Map<string, number>();
      // Each row so many times.
      return tellingOnly(({ key: { id } }) => {
        told.set(id, (told.get(id) ?? 0) + 1);
        return told.get(id)! < 4;
      })(...given);
    },
  },
];
