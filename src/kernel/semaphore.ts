import { type Deferred, deferred } from "./deferred.ts";
import { onAbort } from "./on-abort.ts";

interface Waiting {
  readonly weight: number;
  readonly urgent: boolean;
  readonly ready: Deferred<void>;
  gone: boolean;
}

/**
 * How many urgent ones in a row go before an ordinary one that waits: then it is its turn, whatever it weighs. So an
 * endless stream of urgent ones leaves the others a ninth of the turns, and costs itself no more than that.
 */
const patience = 8;

/**
 * A counted permit with weights: what bounds rows and bytes in flight. Urgent ones go before ordinary ones; among
 * their like it is first come, first served.
 */
export class Semaphore {
  readonly capacity: number;
  #free: number;
  readonly #urgent = new Line();
  readonly #ordinary = new Line();
  /** Urgent ones since the last ordinary one that went while an ordinary one waited; 0 while none waits. */
  #overtaken = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#free = capacity;
  }

  /** What is taken now. */
  get taken(): number {
    return this.capacity - this.#free;
  }

  /** Takes `weight` at once where it is free and nobody waits who would go first. */
  tryTake(weight = 1, urgent = false): boolean {
    const charge = this.#charge(weight);
    if (this.#free < charge || !this.#mayGo(urgent)) return false;
    this.#grant(charge, urgent);
    return true;
  }

  /** Waits for `weight`. More than the capacity waits until everything is free, and runs alone. */
  async take(weight = 1, signal?: AbortSignal, urgent = false): Promise<void> {
    signal?.throwIfAborted();
    if (this.tryTake(weight, urgent)) return;
    const entry = { weight: this.#charge(weight), urgent, ready: deferred<void>(), gone: false };
    (urgent ? this.#urgent : this.#ordinary).join(entry);
    const forget = signal ? onAbort(signal, () => this.#giveUp(entry, signal)) : () => {};
    try {
      await entry.ready.promise;
    } finally {
      forget();
    }
  }

  /** Gives back what `take` or `tryTake` took with the same weight. */
  release(weight = 1): void {
    this.#free += this.#charge(weight);
    this.#admit();
  }

  #charge(weight: number): number {
    return Math.min(weight, this.capacity);
  }

  #giveUp(entry: Waiting, signal: AbortSignal): void {
    if (entry.gone) return;
    entry.gone = true;
    entry.ready.reject(signal.reason);
    if (this.#ordinary.first === null) this.#overtaken = 0;
    this.#admit();
  }

  #admit(): void {
    for (let entry = this.#next(); entry !== null && entry.weight <= this.#free; entry = this.#next()) {
      entry.gone = true;
      this.#grant(entry.weight, entry.urgent);
      entry.ready.resolve();
    }
  }

  #grant(charge: number, urgent: boolean): void {
    this.#free -= charge;
    this.#overtaken = urgent && this.#ordinary.first !== null ? this.#overtaken + 1 : 0;
  }

  /** Whether one who comes now goes before all who wait. */
  #mayGo(urgent: boolean): boolean {
    const next = this.#next();
    return next === null || (urgent && !next.urgent && this.#overtaken < patience);
  }

  /** Whose turn it is of those who wait. Nobody behind goes first, though it would fit. */
  #next(): Waiting | null {
    const urgent = this.#urgent.first;
    if (urgent !== null && this.#overtaken < patience) return urgent;
    return this.#ordinary.first ?? urgent;
  }
}

/** Thousands may wait in it, and one that leaves at the front must not cost a move of all behind it. */
class Line {
  /** From `#first` on. */
  #waiting: Waiting[] = [];
  #first = 0;

  join(entry: Waiting): void {
    this.#waiting.push(entry);
  }

  /** The first that waits still. */
  get first(): Waiting | null {
    if (this.#waiting.length === 0) return null;
    while (this.#waiting[this.#first]?.gone) this.#first++;
    if (this.#first >= this.#waiting.length) {
      if (this.#first > 0) this.#waiting = [];
      this.#first = 0;
      return null;
    }
    if (this.#first > 1_024 && this.#first > this.#waiting.length / 2) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return this.#waiting[this.#first]!;
  }
}
