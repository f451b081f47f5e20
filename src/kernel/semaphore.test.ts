import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Semaphore } from "./semaphore.ts";

describe("a semaphore", () => {
  test("never gives out more than it has, serves in order, and serves everybody", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 30 }),
        async (capacity, weights) => {
          const semaphore = new Semaphore(capacity);
          const served: number[] = [];
          let held = 0;
          const work = async (weight: number, i: number) => {
            await semaphore.take(weight);
            const charged = Math.min(weight, capacity);
            held += charged;
            served.push(i);
            expect(held).toBeLessThanOrEqual(capacity);
            await Promise.resolve();
            held -= charged;
            semaphore.release(weight);
          };
          await Promise.all(weights.map(work));
          expect(served).toEqual(weights.map((_, i) => i));
          expect(semaphore.taken).toBe(0);
        },
      ),
    );
  });

  test("somebody who gives up waiting gives way to those behind", async () => {
    const semaphore = new Semaphore(2);
    await semaphore.take(1);
    const stop = new AbortController();
    const large = semaphore.take(2, stop.signal);
    const small = semaphore.take(1);
    stop.abort(new Error("no more"));
    await expect(large).rejects.toThrow("no more");
    await small;
    expect(semaphore.taken).toBe(2);
    await expect(semaphore.take(1, stop.signal)).rejects.toThrow("no more");
  });

  test("admits urgent ones first, and one of the others after every eighth", async () => {
    const semaphore = new Semaphore(1);
    await semaphore.take();
    const served: string[] = [];
    const work = async (name: string) => {
      await semaphore.take(1, undefined, name === "U");
      served.push(name);
      semaphore.release();
    };
    const all = ["a", "b", ...Array<string>(20).fill("U"), "c"].map(work);
    semaphore.release();
    await Promise.all(all);
    expect(served.join("")).toBe("UUUUUUUUaUUUUUUUUbUUUUc");
  });

  test("lets an urgent one pass a heavy one that waits, but not for ever", async () => {
    const semaphore = new Semaphore(10);
    await semaphore.take(5);
    const stop = new AbortController();
    const [heavy, heavier] = [semaphore.take(10), semaphore.take(11, stop.signal)];
    const passEightTimes = () => {
      for (let i = 0; i < 8; i++) {
        expect(semaphore.tryTake(1)).toBe(false);
        expect(semaphore.tryTake(1, true)).toBe(true);
        semaphore.release(1);
      }
      expect(semaphore.tryTake(1, true)).toBe(false);
    };
    passEightTimes();
    semaphore.release(5);
    await heavy;
    semaphore.release(5);
    passEightTimes();
    const urgent = semaphore.take(1, undefined, true);
    stop.abort(new Error("no more"));
    await expect(heavier).rejects.toThrow("no more");
    await urgent;
    expect(semaphore.taken).toBe(6);
  });

  test("a heavy urgent one holds up all who come later, until it gives up", async () => {
    const semaphore = new Semaphore(10);
    await semaphore.take(5);
    const stop = new AbortController();
    const heavy = semaphore.take(10, stop.signal, true);
    const light = [semaphore.take(1), semaphore.take(1, undefined, true)];
    expect([semaphore.tryTake(1, true), semaphore.taken]).toEqual([false, 5]);
    stop.abort(new Error("no more"));
    await expect(heavy).rejects.toThrow("no more");
    await Promise.all(light);
    expect(semaphore.taken).toBe(7);
  });

  test("an ordinary one that was passed and gave up leaves its turn to nobody", async () => {
    const semaphore = new Semaphore(1);
    await semaphore.take(1);
    const stop = new AbortController();
    const passed = semaphore.take(1, stop.signal);
    for (let i = 0; i < 8; i++) expect(semaphore.tryTake(0, true)).toBe(true);
    expect(semaphore.tryTake(0, true)).toBe(false);
    stop.abort(new Error("no more"));
    await expect(passed).rejects.toThrow("no more");
    const order: string[] = [];
    const urgent = semaphore.take(1, undefined, true).then(() => order.push("urgent"));
    const ordinary = semaphore.take(0).then(() => order.push("ordinary"));
    semaphore.release(1);
    await Promise.all([urgent, ordinary]);
    expect(order).toEqual(["urgent", "ordinary"]);
  });

  test("whatever comes, gives up and goes, keeps to the order and to the capacity", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant("take"), urgent: isUrgent, weight }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("tryTake"), urgent: isUrgent, weight }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("release"), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("giveUp"), which: fc.nat() }) },
    ) as fc.Arbitrary<SemaphoreStep>;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 120, size: "max" }),
        async (capacity, steps) => {
          const watched = new WatchedSemaphore(capacity);
          for (const each of steps) await watched.run(each);
          await watched.emptyOut();
        },
      ),
    );
  });
});

const weight = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 8 }));
const isUrgent = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false));

type SemaphoreStep =
  | { readonly do: "take"; readonly urgent: boolean; readonly weight: number }
  | { readonly do: "tryTake"; readonly urgent: boolean; readonly weight: number }
  | { readonly do: "release"; readonly which: number }
  | { readonly do: "giveUp"; readonly which: number };

interface Claim {
  readonly urgent: boolean;
  readonly weight: number;
  readonly stop: AbortController;
}

/** Holds a semaphore to what it promises, at every admission and whenever all is quiet. */
class WatchedSemaphore {
  readonly #semaphore: Semaphore;
  readonly #waiting = { urgent: [] as Claim[], ordinary: [] as Claim[] };
  readonly #held: Claim[] = [];
  /** Urgent ones in a row that went while an ordinary one waited. */
  #overtaken = 0;
  /** What was found wrong when somebody was admitted. */
  readonly #broken: unknown[] = [];

  constructor(capacity: number) {
    this.#semaphore = new Semaphore(capacity);
  }

  async run(step: SemaphoreStep): Promise<void> {
    if (step.do === "take") this.#take({ ...step, stop: new AbortController() });
    else if (step.do === "tryTake") this.#tryTake({ ...step, stop: new AbortController() });
    else if (step.do === "release") this.#release(step.which);
    else this.#giveUp(step.which);
    await nextTurn();
    if (this.#broken.length > 0) throw this.#broken[0];
    expect(this.#semaphore.taken).toBe(this.#heldWeight());
    expect(this.#heldWeight()).toBeLessThanOrEqual(this.#semaphore.capacity);
    const next = this.#next();
    if (next) expect(this.#fits(next)).toBe(false);
  }

  /** Whoever waits is served. */
  async emptyOut(): Promise<void> {
    while (this.#held.length > 0) await this.run({ do: "release", which: 0 });
    expect(this.#next()).toBeUndefined();
  }

  #take(claim: Claim): void {
    const line = this.#lineOf(claim);
    line.push(claim);
    const admitted = () => {
      expect(claim).toBe(this.#next());
      line.shift();
      this.#admitted(claim);
    };
    const refused = () => {
      line.splice(line.indexOf(claim), 1);
      if (this.#waiting.ordinary.length === 0) this.#overtaken = 0;
    };
    const taking = this.#semaphore.take(claim.weight, claim.stop.signal, claim.urgent);
    taking.then(admitted, refused).catch((thrown: unknown) => this.#broken.push(thrown));
  }

  #tryTake(claim: Claim): void {
    const line = this.#lineOf(claim);
    const goesFirst = line.push(claim) === 1 && this.#next() === claim;
    line.pop();
    const taken = this.#semaphore.tryTake(claim.weight, claim.urgent);
    expect(taken).toBe(goesFirst && this.#fits(claim));
    if (taken) this.#admitted(claim);
  }

  #release(which: number): void {
    const [claim] = this.#held.splice(which % this.#held.length, 1);
    if (claim) this.#semaphore.release(claim.weight);
  }

  #giveUp(which: number): void {
    const all = [...this.#waiting.urgent, ...this.#waiting.ordinary];
    all[which % all.length]?.stop.abort(new Error("no more"));
  }

  #admitted(claim: Claim): void {
    this.#held.push(claim);
    this.#overtaken = claim.urgent && this.#waiting.ordinary.length > 0 ? this.#overtaken + 1 : 0;
    expect(this.#overtaken).toBeLessThanOrEqual(8);
  }

  #next(): Claim | undefined {
    const { urgent, ordinary } = this.#waiting;
    return this.#overtaken < 8 ? (urgent[0] ?? ordinary[0]) : (ordinary[0] ?? urgent[0]);
  }

  #fits(claim: Claim): boolean {
    return this.#heldWeight() + this.#charge(claim) <= this.#semaphore.capacity;
  }

  #heldWeight(): number {
    return this.#held.reduce((sum, claim) => sum + this.#charge(claim), 0);
  }

  #charge(claim: Claim): number {
    return Math.min(claim.weight, this.#semaphore.capacity);
  }

  #lineOf({ urgent }: Claim): Claim[] {
    return urgent ? this.#waiting.urgent : this.#waiting.ordinary;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
