import { describe, expect, test } from "vitest";
import { Archive, archiveKey, archiveValue, type SourceFaults } from "../../test/worlds/archive.ts";
import { wrongListings } from "../../test/worlds/wrong-listings.ts";
import { wrongVersions } from "../../test/worlds/wrong-versions.ts";
import { sourceConformance } from "./source-conformance.ts";

/** Of one archive for each case, as each case has a place of its own. */
function suiteFor(listsValues: boolean, faults?: SourceFaults) {
  const archives = new Map<string, Archive>();
  const at = ({ name }: { readonly name: string }) => archives.get(name)!;
  return sourceConformance({
    source: (place) => at(place).source(listsValues, faults),
    key: archiveKey,
    value: archiveValue,
    rows: [{ key: { id: "given" }, value: { text: "by the user", tags: ["x"] } }],
    capabilities: {
      ordered: true,
      providesOrdinal: true,
      versions: true,
      listsValues,
      watches: true,
      heartbeats: true,
      redelivers: listsValues,
    },
    manyRows: 120 + (listsValues ? 100 : 0),
    callTimeoutMs: 10_000,
    outside: {
      create: ({ name }) => void archives.set(name, new Archive()),
      write: (place, { id }, value) => at(place).write(id, value),
      remove: (place, { id }) => at(place).remove(id),
      touch: (place, { id }) => at(place).write(id, at(place).papers.get(id)!.value),
      rename: (place, from, to) => at(place).rename(from.id, to.id),
      writeForeign: (place) => at(place).scribble("scrap"),
      makeUnreadable(place) {
        const { locked, papers } = at(place);
        locked.add([...papers.keys()][1]!);
        return () => locked.clear();
      },
      makeUnreachable(place) {
        at(place).isShut = true;
        return () => {
          at(place).isShut = false;
        };
      },
    },
  });
}

describe.each([true, false])(
  "a source that keeps the contract passes, with values in its listing: %s",
  (lists) => {
    for (const { name, run } of suiteFor(lists)) test(name, run);
  },
);

test("nothing is left out of a source that has everything", () => {
  expect(suiteFor(true).leftOut).toEqual([]);
});

const wrongSources = [...wrongListings, ...wrongVersions];

describe("a source that breaks a rule fails the case of that name", () => {
  test.each(wrongSources)("$rule", async ({ rule, seen, faults }) => {
    const suite = suiteFor(rule === "a listed value is the row's value", faults);
    const found = suite.find(({ name }) => name === rule);
    expect(found, `the suite has no case of the name ${rule}`).toBeDefined();
    const error = await found!.run().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toContain(`the rule "${rule}" is broken: `);
    expect(message).toMatch(seen);
  });

  test("and there is one for every rule", () => {
    const rules = suiteFor(true).map(({ name }) => name);
    expect(wrongSources.map(({ rule }) => rule).sort()).toEqual(rules.sort());
  });
});
