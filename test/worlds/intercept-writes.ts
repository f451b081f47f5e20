import type { StateStore, StoreWrite } from "../../src/contracts/state-store.ts";

/** The store, whose writes are made, or not, by what is given here. */
export function interceptWrites<S extends StateStore>(
  store: S,
  write: (given: StoreWrite) => Promise<void>,
): S {
  return new Proxy(store, {
    get(target, name) {
      if (name === "write") return write;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
