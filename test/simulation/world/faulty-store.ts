import type { Scan, StateStore } from "../../../src/contracts/state-store.ts";
import type { Ports } from "./ports.ts";

const reads: ReadonlySet<string | symbol> = new Set([
  "readSetup",
  "countRows",
  "readVersions",
  "readRows",
  "readTrace",
  "readOwners",
  "readDoubts",
  "readMemos",
] satisfies (keyof StateStore)[]);

type Method = (...args: unknown[]) => unknown;

/** A store behind ports: each read and each write may fail, or be the last thing that the process does. */
export function faultyStore(store: StateStore, ports: Ports): StateStore {
  const replaced: Partial<StateStore> = {
    async write(write) {
      await ports.pass("store.write", () => {
        ports.work.rowsStored += write.rows?.length ?? 0;
        return store.write(write);
      });
    },
    scan(flow, source): Scan {
      const scan = store.scan(flow, source);
      return { nextPage: () => ports.pass("store.read", () => scan.nextPage()), close: () => scan.close() };
    },
    async *readFailures(flow, source) {
      await ports.pass("store.read", () => null);
      yield* store.readFailures(flow, source);
    },
    async *scanOwners(flow, target, options) {
      await ports.pass("store.read", () => null);
      yield* store.scanOwners(flow, target, options);
    },
    async collectMemos(options) {
      return ports.pass("store.write", () => store.collectMemos(options));
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (name in replaced) return replaced[name as keyof StateStore];
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const method = (member as Method).bind(target);
      return reads.has(name)
        ? async (...args: unknown[]) => ports.pass("store.read", () => method(...args))
        : method;
    },
  });
}
