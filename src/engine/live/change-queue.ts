import type { SourceEntry } from "../../contracts/source.ts";
import { bytesToMapKey } from "../../kernel/bytes.ts";

/** A row that is to be looked at, since its source told of a change or there is another reason to. */
export interface QueuedChange {
  readonly key: Uint8Array;
  /** What is said of the row. */
  readonly entry: SourceEntry<unknown, unknown>;
  /** The source knows that the row is gone. */
  readonly deleted: boolean;
  /** How many listings had begun when that was said: one that began since may know better. */
  readonly listings: number;
  /** When it was told, by the monotonic clock; null: nobody told of a change, and it goes after those that were told. */
  readonly toldAt: number | null;
  /** What is to be called when it is durable: those of earlier changes that this one stands for, too. */
  readonly acknowledgements: readonly (() => void | Promise<void>)[];
  /** What is to be called when the row has been looked at, whatever came of it. */
  readonly looked: readonly (() => void)[];
}

/** One that waits, whose lists are the queue's own: a row may change any number of times before its turn. */
interface WaitingChange extends QueuedChange {
  readonly acknowledgements: (() => void | Promise<void>)[];
  readonly looked: (() => void)[];
}

/**
 * Rows that wait to be looked at, each once: of several changes of a row the latest is kept. A row that is being
 * worked on waits until that is over.
 */
export class ChangeQueue {
  readonly #told = new Map<string, WaitingChange>();
  readonly #others = new Map<string, WaitingChange>();
  /** Changes of rows that are being worked on. */
  readonly #blocked = new Map<string, WaitingChange>();
  readonly #active = new Set<string>();

  /** Rows that wait. */
  get size(): number {
    return this.#told.size + this.#others.size + this.#blocked.size;
  }

  /** Whether nothing waits and nothing is worked on. */
  get idle(): boolean {
    return this.size === 0 && this.#active.size === 0;
  }

  /** The names of all rows that wait or are worked on. */
  names(): string[] {
    return [...this.#told.keys(), ...this.#others.keys(), ...this.#blocked.keys(), ...this.#active];
  }

  waits(name: string): boolean {
    return this.#told.has(name) || this.#others.has(name) || this.#blocked.has(name);
  }

  add(change: QueuedChange): void {
    const name = nameOf(change);
    const merged = merge(this.#take(name), change);
    const lane = this.#active.has(name) ? this.#blocked : this.#laneOf(merged);
    lane.set(name, merged);
  }

  /** The next row to work on, which is then worked on until `done`. */
  next(): QueuedChange | null {
    const lane = this.#told.size > 0 ? this.#told : this.#others;
    for (const [name, change] of lane) {
      lane.delete(name);
      this.#active.add(name);
      return change;
    }
    return null;
  }

  done(change: QueuedChange): void {
    const name = nameOf(change);
    this.#active.delete(name);
    const blocked = this.#blocked.get(name);
    if (!blocked) return;
    this.#blocked.delete(name);
    this.#laneOf(blocked).set(name, blocked);
  }

  #laneOf({ toldAt }: QueuedChange): Map<string, WaitingChange> {
    return toldAt === null ? this.#others : this.#told;
  }

  #take(name: string): WaitingChange | undefined {
    for (const lane of [this.#told, this.#others, this.#blocked]) {
      const change = lane.get(name);
      if (change) {
        // One that keeps its lane keeps its place in it.
        if (lane === this.#others) lane.delete(name);
        return change;
      }
    }
    return undefined;
  }
}

export function nameOf({ key }: Pick<QueuedChange, "key">): string {
  return bytesToMapKey(key);
}

/** A change of which nobody told says nothing that a told one does not. */
function merge(earlier: WaitingChange | undefined, later: QueuedChange): WaitingChange {
  if (!earlier) return { ...later, acknowledgements: [...later.acknowledgements], looked: [...later.looked] };
  const { acknowledgements, looked } = earlier;
  for (const acknowledge of later.acknowledgements) acknowledgements.push(acknowledge);
  for (const done of later.looked) looked.push(done);
  return { ...latestOf(earlier, later), toldAt: earlier.toldAt ?? later.toldAt, acknowledgements, looked };
}

function latestOf(earlier: QueuedChange, later: QueuedChange): QueuedChange {
  if (later.toldAt === null) return earlier;
  if (earlier.toldAt === null || isInOrder(earlier, later)) return later;
  return { ...later, entry: { key: later.entry.key }, deleted: false };
}

/** The change, which stands for both of these. */
export function withCallsOf(change: QueuedChange, earlier: QueuedChange, later: QueuedChange): QueuedChange {
  return {
    ...change,
    acknowledgements: [...earlier.acknowledgements, ...later.acknowledgements],
    looked: [...earlier.looked, ...later.looked],
  };
}

/**
 * Whether what came later is the later one for certain. Where an ordinal is lower than the one before, they may have
 * come in another order, or the source was put back; where only one has an ordinal, nothing tells. The row is then read.
 */
function isInOrder({ entry: earlier }: QueuedChange, { entry: later }: QueuedChange): boolean {
  if (earlier.ordinal === undefined || later.ordinal === undefined) return earlier.ordinal === later.ordinal;
  return earlier.ordinal <= later.ordinal;
}
