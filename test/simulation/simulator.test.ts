import { describe, expect, test } from "vitest";
import type { RowWrite, StateStore, StoreWrite } from "../../src/contracts/state-store.ts";
import { decodeVersionRecord } from "../../src/engine/version-record.ts";
import type { Case } from "./case.ts";
import { describeCase } from "./describe-case.ts";
import { type Failure, type RunOptions, runCase } from "./run-case.ts";
import { caseOf } from "./runs.ts";
import { shrinkCase } from "./shrink-case.ts";
import { type BackendChange, Backends } from "./world/backends.ts";

/*
 * The simulator is worth what it finds: worlds are broken on purpose here, and it must see it. That it finds nothing
 * in a world that is whole is what `simulation.test.ts` shows.
 */

/** A store whose writes are other ones. */
function writing(change: (write: StoreWrite) => StoreWrite): (store: StateStore) => StateStore {
  return (store) =>
    new Proxy(store, {
      get(target, name) {
        if (name === "write") return (write: StoreWrite) => target.write(change(write));
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
}

function rowsOf(write: StoreWrite, change: (row: RowWrite) => RowWrite | null): StoreWrite {
  return { ...write, rows: (write.rows ?? []).flatMap((row) => change(row) ?? []) };
}

/** A target that loses some of the writes that it takes. */
class LeakyBackends extends Backends {
  readonly #loses: (change: BackendChange & { readonly key: string }) => boolean;

  constructor(loses: (change: BackendChange & { readonly key: string }) => boolean) {
    super();
    this.#loses = loses;
  }

  override apply(change: BackendChange): void {
    if (!("key" in change && this.#loses(change))) super.apply(change);
  }
}

const sabotages: Readonly<Record<string, NonNullable<RunOptions["sabotage"]>>> = {
  "a target that loses every tenth write": {
    backends() {
      let writes = 0;
      return new LeakyBackends(() => ++writes % 10 === 0);
    },
  },
  "a target that does not delete": {
    backends: () => new LeakyBackends((change) => "row" in change && change.row === null),
  },
  "a store that forgets what is staged": {
    store: writing((write) => ({
      ...rowsOf(write, (row) => (row.version && decodeVersionRecord(row.version).pending ? null : row)),
      owners: (write.owners ?? []).filter(() => !(write.rows ?? []).some(isStage)),
    })),
  },
  "a store that forgets who claims a key": { store: writing((write) => ({ ...write, owners: [] })) },
  "a store that forgets results": { store: writing((write) => ({ ...write, memos: [] })) },
  "a store that keeps what rows used to refer to": {
    store: writing((write) => rowsOf(write, ({ memos: _memos, ...row }) => row)),
  },
  "a store that keeps failures": {
    store: writing((write) => rowsOf(write, ({ failure, ...row }) => (failure ? { ...row, failure } : row))),
  },
  "a store that keeps the rows of sources that left": {
    store: writing(({ removeSources: _sources, ...write }) =>
      rowsOf(write, (row) => (row.version === null ? null : row)),
    ),
  },
  "a store that forgets what rows have at targets": {
    store: writing((write) => rowsOf(write, ({ outputs: _outputs, ...row }) => row)),
  },
  "a store that does not answer": {
    store: (store) =>
      new Proxy(store, {
        get(target, name) {
          if (name === "readMemos") return () => new Promise(() => {});
          const member: unknown = Reflect.get(target, name);
          return typeof member === "function" ? member.bind(target) : member;
        },
      }),
  },
};

function isStage({ version }: RowWrite): boolean {
  return version ? decodeVersionRecord(version).pending : false;
}

/** The first history in which it is found out. */
async function findOut(
  sabotage: RunOptions["sabotage"] & {},
): Promise<{ simulated: Case; failure: Failure } | null> {
  for (let seed = 1; seed <= 200; seed++) {
    const simulated = caseOf("memory", seed);
    const failure = await runCase(simulated, { sabotage });
    if (failure) return { simulated, failure };
  }
  return null;
}

describe("the simulator finds out", () => {
  for (const [name, sabotage] of Object.entries(sabotages)) {
    test(name, async () => {
      const found = await findOut(sabotage);
      expect(found).not.toBeNull();
      // It is the sabotage that was found, and not something else.
      expect(await runCase(found!.simulated)).toBeNull();
    });
  }
});

test("a failure is made small, and still fails in the same way", async () => {
  const sabotage = sabotages["a target that does not delete"]!;
  const run = (simulated: Case) => runCase(simulated, { sabotage });
  const found = (await findOut(sabotage))!;
  const { simulated, failure } = await shrinkCase(found.simulated, found.failure, {
    run,
    timeLimitMs: 30_000,
  });
  expect(failure.kind).toBe(found.failure.kind);
  expect(await run(JSON.parse(JSON.stringify(simulated)) as Case)).toEqual(failure);
  expect(await runCase(simulated)).toBeNull();
  expect(simulated.steps.length).toBeLessThanOrEqual(2);
  expect(simulated.flow).toMatchObject({ sources: [expect.anything()], exports: [expect.anything()] });
  expect(simulated.steps.flatMap(({ edits = [] }) => edits).length).toBeLessThanOrEqual(3);
  expect(describeCase(simulated)).toContain("step 1: ");
});
