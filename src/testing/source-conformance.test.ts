import { describe, expect, test } from "vitest";
import { Archive, archiveKey, archiveValue, type SourceFaults } from "../../test/worlds/archive.ts";
import { wrongEndings } from "../../test/worlds/wrong-endings.ts";
import { wrongFollowers } from "../../test/worlds/wrong-followers.ts";
import { wrongListings } from "../../test/worlds/wrong-listings.ts";
import { retelling, type WrongSource } from "../../test/worlds/wrong-source.ts";
import { wrongSourceSetups } from "../../test/worlds/wrong-source-setups.ts";
import { wrongTellings } from "../../test/worlds/wrong-tellings.ts";
import { wrongVersions } from "../../test/worlds/wrong-versions.ts";
import type { ConformanceSuite } from "./conformance-suite.ts";
import { sourceConformance } from "./source-conformance.ts";
import type { SourceConformanceOptions } from "./source-conformance-options.ts";

/** What is told of an archive that has everything. */
const everything = {
  ordered: true,
  providesOrdinal: true,
  versions: true,
  listsValues: true,
  watches: true,
  heartbeats: true,
  redelivers: true,
  setsUp: true,
};

interface Told {
  readonly capabilities?: NonNullable<SourceConformanceOptions["capabilities"]>;
  readonly faults?: SourceFaults;
  readonly watchTimeoutMs?: number;
}

/** Of one archive for each case, as each case has a place of its own. */
function suiteFor({ capabilities = everything, faults, watchTimeoutMs = faults ? 300 : 10_000 }: Told = {}) {
  const { listsValues = false } = capabilities;
  const archives = new Map<string, Archive>();
  const at = ({ name }: { readonly name: string }) => archives.get(name)!;
  return sourceConformance({
    source: (place) => at(place).source(listsValues, faults),
    key: archiveKey,
    value: archiveValue,
    rows: [{ key: { id: "given" }, value: { text: "by the user", tags: ["x"] } }],
    capabilities,
    manyRows: 120 + (listsValues ? 100 : 0),
    callTimeoutMs: 10_000,
    watchTimeoutMs,
    outside: {
      create: ({ name }) => void archives.set(name, new Archive()),
      write: (place, { id }, value) => at(place).write(id, value),
      remove: (place, { id }) => at(place).remove(id),
      touch: (place, { id }) => at(place).write(id, at(place).papers.get(id)!.value),
      rename: (place, from, to) => at(place).rename(from.id, to.id),
      needs: (place) => [...at(place).desks],
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

const keysAlone = { ...everything, listsValues: false, redelivers: false };

describe.each([
  ["and lists and tells values", everything],
  ["and tells keys alone", keysAlone],
])("a source that keeps the contract passes, %s", (_, capabilities) => {
  for (const { name, run } of suiteFor({ capabilities })) test(name, run);
});

test("nothing is left out of a source that has everything", () => {
  expect(suiteFor().leftOut).toEqual([]);
});

const listsValues = "a listed value is the row's value";
const wrongWatchers = [...wrongTellings, ...wrongEndings, ...wrongFollowers];
const wrongSources = [
  ...[...wrongListings, ...wrongVersions].map((wrong): WrongSource & Told =>
    wrong.rule === listsValues ? wrong : { ...wrong, capabilities: keysAlone },
  ),
  ...[...wrongTellings, ...wrongEndings, ...wrongSourceSetups],
  // Updates come before what they wait for in vain.
  ...wrongFollowers.map((wrong) => ({ ...wrong, watchTimeoutMs: 1_000 })),
];

/** What comes of the case of a rule: the message of its error. */
async function messageOf(suite: ConformanceSuite, rule: string): Promise<string> {
  const found = suite.find(({ name }) => name === rule);
  expect(found, `the suite has no case of the name ${rule}`).toBeDefined();
  const error = await found!.run().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message;
}

describe("a source that breaks a rule fails the case of that name", () => {
  test.each(wrongSources)("$rule: $seen", async ({ rule, seen, ...told }) => {
    const message = await messageOf(suiteFor(told), rule);
    expect(message).toContain(`the rule "${rule}" is broken: `);
    expect(message).toMatch(seen);
  });

  test("and there is one for every rule", () => {
    const rules = suiteFor().map(({ name }) => name);
    expect(new Set(wrongSources.map(({ rule }) => rule))).toEqual(new Set(rules));
  });
});

test.each([
  ["a burst of changes is told in full", (tells: number) => tells > 100],
  ["a source that was out of reach is followed again, or the watcher says so", () => true],
])("a watcher that says that it missed changes keeps the rule: %s", async (rule, isFull) => {
  const faults: SourceFaults = (honest, archive) => ({
    watch: (reader, options) => {
      let tells = 0;
      const room = retelling((page) => {
        const kept = page.filter(() => !isFull(++tells));
        if (kept.length < page.length) options.missed("there was no room");
        return kept;
      });
      return room(honest, archive).watch!(reader, options);
    },
  });
  await suiteFor({ faults })
    .find(({ name }) => name === rule)!
    .run();
});

describe("what a source is told to have is compared with what it has", () => {
  const rule = "the source declares and lists what the kit was told";
  const unwatched = { ...everything, watches: false, heartbeats: false };
  const notWatched: SourceFaults = () => ({ watches: () => false });
  const withoutWatch: SourceFaults = () => ({ watch: undefined as never });
  const noWatch = "the kit was told that the source can be watched, and it has no `watch`";
  const slow: SourceFaults = () => ({ watchHeartbeat: "6s" });

  test.each<[what: string, seen: string, told: Told]>([
    ["a source without `watch`", noWatch, { faults: withoutWatch }],
    [
      "a source whose spec does not ask for it",
      "the source says false of watches, and the kit was told true",
      { faults: notWatched },
    ],
    [
      "a source that is watched all the same",
      "the source says true of watches, and the kit was told false",
      { capabilities: unwatched },
    ],
    [
      "a heartbeat too long to wait for",
      "the source has a heartbeat of 6000 ms, and the kit was told true of heartbeats",
      { faults: slow },
    ],
    [
      "a heartbeat that nobody waits for",
      "the source has a heartbeat of 400 ms, and the kit was told false of heartbeats",
      { capabilities: { ...everything, heartbeats: false } },
    ],
  ])("%s", async (_, seen, told) => {
    expect(await messageOf(suiteFor(told), rule)).toBe(`the rule "${rule}" is broken: ${seen}`);
  });

  test("every rule of watchers says that there is no `watch`", async () => {
    const suite = suiteFor({ faults: withoutWatch });
    for (const { rule } of wrongWatchers) expect(await messageOf(suite, rule)).toContain(noWatch);
  });

  test("a source that cannot be watched passes what is left", async () => {
    const suite = suiteFor({ capabilities: unwatched, faults: withoutWatch });
    await suite.find(({ name }) => name === rule)!.run();
    expect(suite.leftOut.map(({ name }) => name)).toEqual(
      expect.arrayContaining(wrongWatchers.map(({ rule }) => rule)),
    );
    expect(new Set(suite.leftOut.map(({ why }) => why))).toEqual(new Set(["the source has no watcher"]));
  });
});
