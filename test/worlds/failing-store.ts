import { SluiceError } from "../../src/index.ts";
import { type MemoryState, type MemoryStore, openMemoryStore } from "../../src/stores/memory/index.ts";
import { interceptWrites } from "./intercept-writes.ts";

/** A store in memory of which one write fails, and every one after it. */
export interface FailingStore {
  readonly store: MemoryStore;
  /** How many writes were tried. */
  readonly writes: number;
}

/** The n-th write fails, before it lands or after: its writer cannot tell. */
export function failingStore(state: MemoryState, nth: number, when: "before" | "after"): FailingStore {
  const inner = openMemoryStore({ state });
  const failing = {
    writes: 0,
    store: interceptWrites(inner, async (given) => {
      failing.writes++;
      const lands = failing.writes < nth || (failing.writes === nth && when === "after");
      if (lands) await inner.write(given);
      if (failing.writes >= nth) throw new SluiceError("store-full", "no space");
    }),
  };
  return failing;
}
