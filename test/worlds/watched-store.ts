import type { StateStore, StoreWrite } from "../../src/contracts/state-store.ts";

/** A store that tells of each write before it is made and after it has landed; what it is told throws, fails it. */
export function watchedStore(store: StateStore, at: (moment: string) => void): StateStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "write") return member.bind(target);
      return async (write: StoreWrite) => {
        at("write");
        await target.write(write);
        at("written");
      };
    },
  });
}
