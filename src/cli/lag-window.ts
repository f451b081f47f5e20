/** Buckets to a doubling: a median is off by less than a tenth. */
const perDoubling = 4;
/** They reach to nine hours. */
const buckets = 100;
const slotMs = 5_000;
const windowSlots = 12;

/** How long changes took. */
export interface LagSummary {
  readonly medianMs: number;
  readonly maxMs: number;
}

/** Counts how long changes took, in as little room for a million as for one. */
export class LagCounts {
  readonly #buckets = new Uint32Array(buckets);
  #count = 0;
  #maxMs = 0;

  add(lagMs: number): void {
    this.#buckets[bucketOf(lagMs)]!++;
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, lagMs);
  }

  addAll(other: LagCounts): void {
    for (const [bucket, count] of other.#buckets.entries()) this.#buckets[bucket]! += count;
    this.#count += other.#count;
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  /** Null where there was no change. */
  summary(): LagSummary | null {
    if (this.#count === 0) return null;
    let left = this.#count / 2;
    const middle = this.#buckets.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return { medianMs: Math.min(middleOf(middle), this.#maxMs), maxMs: this.#maxMs };
  }
}

/** How long the changes of the last minute took. */
export class LagWindow {
  readonly #slots: { readonly slot: number; readonly counts: LagCounts }[] = [];

  add(lagMs: number, now: number): void {
    const slot = Math.floor(now / slotMs);
    this.#forget(slot);
    let last = this.#slots.at(-1);
    if (last?.slot !== slot) {
      last = { slot, counts: new LagCounts() };
      this.#slots.push(last);
    }
    last.counts.add(lagMs);
  }

  summary(now: number): LagSummary | null {
    this.#forget(Math.floor(now / slotMs));
    const all = new LagCounts();
    for (const { counts } of this.#slots) all.addAll(counts);
    return all.summary();
  }

  #forget(slot: number): void {
    // Either way: the clock may be set back.
    while (this.#slots[0] && Math.abs(slot - this.#slots[0].slot) >= windowSlots) this.#slots.shift();
  }
}

function bucketOf(lagMs: number): number {
  return Math.min(buckets - 1, Math.floor(Math.log2(Math.max(0, lagMs) + 1) * perDoubling));
}

function middleOf(bucket: number): number {
  return 2 ** ((bucket + 0.5) / perDoubling) - 1;
}
