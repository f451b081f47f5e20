import { describe, expect, test } from "vitest";
import type { StoreWrite } from "../../src/contracts/state-store.ts";
import type { WatchOptions } from "../../src/index.ts";
import { generateRound } from "./live/generate-round.ts";
import type { Watch } from "./live/live-feed.ts";
import type { LiveRound } from "./live/live-round.ts";
import type { LiveChange } from "./live/live-watcher.ts";
import type { LiveSabotage } from "./live/live-world.ts";
import { type RoundFailure, runRound } from "./live/run-round.ts";
import { soak } from "./live/soak.ts";
import type { ProblemKind } from "./oracle/problem.ts";
import { type BackendChange, Backends } from "./world/backends.ts";

/*
 * A short run of the soak; `npm run soak` takes three minutes. And worlds that are broken on purpose, which it must
 * find out.
 */

const firstSeed = Number(process.env.SEED ?? 1);
const shareMs = 10_000;

test("live updates end as a rebuild would, whatever happens to them, and leave nothing behind", async () => {
  const printed: string[] = [];
  const seen = new Map<string, number>();
  const { rounds, failed } = await soak({
    firstSeed,
    forMs: shareMs,
    rounds: Number.POSITIVE_INFINITY,
    keepIn: null,
    shrinkMs: 10_000,
    print: (line) => printed.push(line),
    observe({ log, acknowledgements }) {
      for (const [kind, count] of log.counts) seen.set(kind, (seen.get(kind) ?? 0) + count);
      seen.set("acknowledged", (seen.get("acknowledged") ?? 0) + acknowledgements.count);
    },
  });
  expect(printed, failed.map((seed) => `npm run sim -- --live --seed ${seed} --rounds 1`).join()).toEqual([]);
  expect(rounds).toBeGreaterThan(0);
  const missing = ["caught-up", "changes-told", "row-done", "acknowledged"].filter((kind) => !seen.has(kind));
  expect(missing).toEqual([]);
}, 300_000);

/** Changes as they are told, made otherwise. */
function telling(change: (all: readonly LiveChange[]) => readonly LiveChange[]): (watch: Watch) => Watch {
  return (watch) =>
    async function* (options) {
      for await (const changes of watch(options)) yield change(changes);
    };
}

/** A watcher that is given other options. */
function given(change: (options: WatchOptions) => Partial<WatchOptions>): (watch: Watch) => Watch {
  return (watch) => (options) => watch({ ...options, ...change(options) });
}

function acknowledgedAtOnce(all: readonly LiveChange[]): readonly LiveChange[] {
  for (const change of all) void change.acknowledge?.();
  return all.map(({ acknowledge: _acknowledge, ...change }) => change);
}

/** Changes are acknowledged before they have landed, and from then on the store never answers a write. */
function thatDoesNotStop(): LiveSabotage {
  let answers = true;
  return {
    watch: telling((all) => {
      answers = all.every(({ acknowledge }) => acknowledge === undefined);
      return acknowledgedAtOnce(all);
    }),
    store: (store) =>
      new Proxy(store, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== "function") return member;
          if (name === "write")
            return (write: StoreWrite) => (answers ? target.write(write) : new Promise(() => {}));
          return member.bind(target);
        },
      }),
  };
}

/** Every so many of them are left out. */
function losing<T>(every: number): (all: readonly T[]) => readonly T[] {
  let count = 0;
  return (all) => all.filter(() => ++count % every !== 0);
}

class ForgetfulBackends extends Backends {
  #writes = 0;

  override apply(change: BackendChange): void {
    if (!("key" in change) || ++this.#writes % 20 !== 0) super.apply(change);
  }
}

interface Broken {
  readonly sabotage: LiveSabotage;
  /** How it is found out. */
  readonly as: readonly ProblemKind[];
}

const timers: NodeJS.Timeout[] = [];

const broken: Readonly<Record<string, Broken>> = {
  "a watcher that loses changes and does not say so": {
    sabotage: { watch: telling(losing(3)) },
    as: ["stats", "target", "further work", "acknowledged"],
  },
  "a watcher that does not say what it missed": {
    sabotage: { watch: given(() => ({ missed: () => {} })) },
    as: ["target", "further work", "orphan row"],
  },
  "a live update that acknowledges what has not landed": {
    sabotage: { watch: telling(acknowledgedAtOnce) },
    as: ["acknowledged"],
  },
  "a live update that does so, and does not stop, since its store never answers": {
    sabotage: thatDoesNotStop(),
    as: ["acknowledged"],
  },
  "a live update that forgets to acknowledge": {
    sabotage: {
      watch: telling((all) =>
        all.map(({ acknowledge, ...change }) => ({
          ...change,
          ...(acknowledge ? { acknowledge() {} } : {}),
        })),
      ),
    },
    as: ["acknowledged"],
  },
  "a live update that acknowledges twice": {
    sabotage: {
      watch: telling((all) =>
        all.map(({ acknowledge, ...change }) => ({
          ...change,
          ...(acknowledge
            ? {
                async acknowledge() {
                  await acknowledge();
                  await acknowledge();
                },
              }
            : {}),
        })),
      ),
    },
    as: ["acknowledged"],
  },
  "a target that loses writes": {
    sabotage: { backends: () => new ForgetfulBackends() },
    as: ["target", "doubt"],
  },
  "a watcher that is left open": {
    sabotage: { watch: given(() => ({ signal: new AbortController().signal })) },
    as: ["leak"],
  },
  "a timer that is left running": {
    sabotage: {
      watch: (watch) => (options) => {
        timers.push(setTimeout(() => {}, 3_600_000));
        return watch(options);
      },
    },
    as: ["leak"],
  },
};

async function findOut({ sabotage }: Broken): Promise<{ round: LiveRound; failure: RoundFailure } | null> {
  for (let seed = 1; seed <= 60; seed++) {
    const round = generateRound(seed, "memory");
    const failure = await runRound(round, { sabotage });
    if (failure) return { round, failure };
  }
  return null;
}

describe("the soak finds out", () => {
  for (const [name, one] of Object.entries(broken)) {
    test(name, async () => {
      try {
        const found = await findOut(one);
        expect(one.as).toContain(found?.failure.kind);
        // It is the sabotage that was found, and not something else.
        for (const timer of timers) clearTimeout(timer);
        expect(await runRound(found!.round)).toBeNull();
      } finally {
        for (const timer of timers.splice(0)) clearTimeout(timer);
      }
    }, 120_000);
  }
});
