import fc from "fast-check";
import { expect, test } from "vitest";
import { Boundaries } from "./boundaries.ts";
import { chooseCuts } from "./choose-cuts.ts";
import { Utf8Sizes } from "./utf8-size.ts";

const problem = fc
  .record({
    length: fc.integer({ min: 1, max: 40 }),
    costs: fc.array(fc.option(fc.integer({ min: 0, max: 60 }), { nil: null }), {
      minLength: 40,
      maxLength: 40,
    }),
    maxBytes: fc.integer({ min: 1, max: 20 }),
    minShare: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ length, costs, maxBytes, minShare }) => {
    const boundaries = new Boundaries("x".repeat(length));
    for (let index = 1; index < length; index++) {
      const cost = costs[index] ?? null;
      if (cost !== null) boundaries.add(index, cost);
    }
    return { boundaries, limits: { maxBytes, minBytes: Math.floor(maxBytes * minShare) } };
  });

type Problem = typeof problem extends fc.Arbitrary<infer T> ? T : never;

/** What the chunks between the chosen indexes cost, as the doc comment says it. */
function costOf({ boundaries, limits }: Problem, indexes: readonly number[]): number {
  const costs = new Map<number, number>();
  for (let at = 0; at < boundaries.size; at++) costs.set(boundaries.index(at), boundaries.cost(at));
  let total = 0;
  for (let at = 0; at + 1 < indexes.length; at++) {
    const size = indexes[at + 1]! - indexes[at]!;
    total += 16 + (size < limits.minBytes ? 32 : 0) + (costs.get(indexes[at + 1]!) ?? 0);
  }
  return total;
}

/** The least that any way of cutting costs, found by trying the ends of every chunk. */
function leastCost({ boundaries, limits }: Problem): number {
  const places = [0, ...Array.from({ length: boundaries.size }, (_, at) => boundaries.index(at))];
  places.push(boundaries.text.length);
  const best = places.map(() => Number.POSITIVE_INFINITY);
  best[places.length - 1] = 0;
  for (let from = places.length - 2; from >= 0; from--) {
    for (let to = from + 1; to < places.length; to++) {
      if (to > from + 1 && places[to]! - places[from]! > limits.maxBytes) break;
      const cost = costOf({ boundaries, limits }, [places[from]!, places[to]!]) + best[to]!;
      best[from] = Math.min(best[from]!, cost);
    }
  }
  return best[0]!;
}

test("no other way of cutting costs less", () => {
  fc.assert(
    fc.property(problem, ({ boundaries, limits }) => {
      const cuts = chooseCuts(boundaries, new Utf8Sizes(boundaries.text), limits);
      const indexes = cuts.chosen.map((place) => cuts.places[place]!);
      expect(indexes[0]).toBe(0);
      expect(indexes.at(-1)).toBe(boundaries.text.length);
      expect(costOf({ boundaries, limits }, indexes)).toBe(leastCost({ boundaries, limits }));
    }),
    { numRuns: 2000 },
  );
});

test("a chunk exceeds the maximum only where nothing can be cut in it", () => {
  fc.assert(
    fc.property(problem, ({ boundaries, limits }) => {
      const { places, chosen } = chooseCuts(boundaries, new Utf8Sizes(boundaries.text), limits);
      for (let chunk = 0; chunk + 1 < chosen.length; chunk++) {
        const [from, to] = [chosen[chunk]!, chosen[chunk + 1]!];
        if (places[to]! - places[from]! > limits.maxBytes) expect(to).toBe(from + 1);
      }
    }),
    { numRuns: 1000 },
  );
});

test("of equal ways the one with the longest chunks first is taken", () => {
  const boundaries = new Boundaries("x".repeat(25));
  for (let index = 1; index < 25; index++) boundaries.add(index, 7);
  const { places, chosen } = chooseCuts(boundaries, new Utf8Sizes(boundaries.text), {
    maxBytes: 10,
    minBytes: 5,
  });
  expect(chosen.map((place) => places[place])).toEqual([0, 10, 20, 25]);
});
