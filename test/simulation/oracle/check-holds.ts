import type { HeldDeletions } from "../../../src/contracts/events.ts";
import type { FlowShape } from "../flow-shape.ts";
import type { ModelState } from "../model/model-state.ts";
import type { Books } from "../world/books.ts";
import { type Problem, problem } from "./problem.ts";

export interface Holding {
  /** What was tracked. */
  readonly before: ModelState;
  readonly shape: FlowShape;
  readonly books: Books;
  readonly allowed: boolean | number;
}

/** Deletions are held where a source has lost all of several rows, or more than half of twenty or more. */
export function checkHolds(holding: Holding, held: readonly HeldDeletions[]): Problem | null {
  const wanted = holding.shape.sources.flatMap(({ name, renamedFrom = name, book }) => {
    const was = holding.before.logic.has(name) ? name : renamedFrom;
    const tracked = [...holding.before.rows.values()].filter(({ source }) => source.name === was);
    const there = holding.books.get(book)!;
    const gone = tracked.filter(({ name: row }) => !there.has(row.slice(was.length + 1))).length;
    const suspect = there.size === 0 ? tracked.length > 1 : tracked.length >= 20 && gone > tracked.length / 2;
    const allowed = holding.allowed === true || (holding.allowed !== false && gone <= holding.allowed);
    return suspect && !allowed ? [`${name} ${gone} of ${tracked.length}`] : [];
  });
  const found = held.map(({ source, rows, tracked }) => `${source} ${rows} of ${tracked}`);
  const same = wanted.sort().join() === found.sort().join();
  return same ? null : problem("held", `held: ${found.join(", ")}; to be held: ${wanted.join(", ")}`);
}
