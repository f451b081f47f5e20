import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint } from "../values/index.ts";
import { absent, type EntryState, type OutputEntry } from "./output-record.ts";
import { reconcile, type WantedEntry } from "./reconcile.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const valueNames = ["x", "y", "z"];
const stateOf = (name: string): EntryState => (name === "absent" ? absent : fingerprint(name));

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
const possible = names.chain((keys) =>
  fc.tuple(
    ...keys.map((key) =>
      fc.uniqueArray(fc.constantFrom("absent", ...valueNames), { minLength: 1 }).map(
        (states): OutputEntry => ({
          key: bytes(key),
          states: states.map(stateOf),
        }),
      ),
    ),
  ),
);
const wanted = names.chain((keys) =>
  fc.tuple(
    ...keys.map((key) =>
      fc
        .constantFrom(...valueNames)
        .map((value): WantedEntry<string> => ({ key: bytes(key), fingerprint: fingerprint(value), value })),
    ),
  ),
);

const textOf = (key: Uint8Array) => new TextDecoder().decode(key);

/** Every world that the possible states allow, each as target key → state. */
function worlds(entries: readonly OutputEntry[]): Map<string, EntryState>[] {
  return entries.reduce<Map<string, EntryState>[]>(
    (all, { key, states }) =>
      all.flatMap((world) => states.map((state) => new Map(world).set(textOf(key), state))),
    [new Map()],
  );
}

function present(world: ReadonlyMap<string, EntryState>): [string, EntryState][] {
  return [...world].filter(([, state]) => state !== absent).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("reconcile", () => {
  test("whatever was there, the writes make it what is wanted, at every moment within what is staged", () => {
    fc.assert(
      fc.property(possible, wanted, fc.boolean(), (before, after, rewrite) => {
        const { writes, staged, landed } = reconcile(before, after, rewrite);
        const goal = after
          .map(({ key, fingerprint: state }): [string, EntryState] => [textOf(key), state])
          .sort(([a], [b]) => (a < b ? -1 : 1));
        const allowed = new Map(staged.map(({ key, states }) => [textOf(key), states]));
        for (const world of worlds(before)) {
          for (const [key, state] of present(world)) expect(allowed.get(key)).toContain(state);
          for (const { key, value } of writes) {
            const state = value === null ? absent : fingerprint(value);
            world.set(textOf(key), state);
            expect(allowed.get(textOf(key))).toContain(state);
          }
          expect(present(world)).toEqual(goal);
        }
        expect(landed.map(({ key, states }) => [textOf(key), ...states]).sort()).toEqual(
          goal.map((pair) => [...pair]).sort(),
        );
      }),
    );
  });

  test("a write is left out only if every possible state is the wanted one", () => {
    fc.assert(
      fc.property(possible, wanted, (before, after) => {
        const { writes } = reconcile(before, after);
        const written = new Set(writes.map(({ key }) => textOf(key)));
        const states = new Map(before.map((entry) => [textOf(entry.key), entry.states]));
        for (const { key, fingerprint: goal } of after) {
          const settled = states.get(textOf(key))?.every((state) => state === goal) ?? false;
          expect(written.has(textOf(key))).toBe(!settled);
        }
        for (const { key, states: may } of before) {
          if (after.some((entry) => textOf(entry.key) === textOf(key))) continue;
          expect(written.has(textOf(key))).toBe(may.some((state) => state !== absent));
        }
      }),
    );
  });

  test("a re-export writes every wanted row", () => {
    fc.assert(
      fc.property(possible, wanted, (before, after) => {
        const { writes } = reconcile(before, after, true);
        expect(writes.filter(({ value }) => value !== null)).toHaveLength(after.length);
      }),
    );
  });
});
