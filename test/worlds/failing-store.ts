import { SluiceError } from "../../src/index.ts";
import { type MemoryState, type MemoryStore, openMemoryStore } from "../../src/stores/memory/index.ts";

/** A store in memory of which one write fails, and every one after it. */
export interface FailingStore extends MemoryStore {
  /** How many writes were made. */
  writes(): number;
}

/** The n-th write fails, before it lands or after: its writer cannot tell. */
export function failingStore(state: MemoryState, nth: number, when: "before" | "after"): FailingStore {
  const inner = openMemoryStore({ state });
  let writes = 0;
  const write: MemoryStore["write"] = async (given) => {
    writes++;
    if (writes < nth) return inner.write(given);
    if (writes === nth && when === "after") await inner.write(given);
    throw new SluiceError("store-full", "no space");
  };
  return new Proxy(inner as FailingStore, {
    get(target, name) {
      if (name === "write") return write;
      if (name === "writes") return () => writes;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
