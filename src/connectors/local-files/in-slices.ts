import type { Clock } from "../../kernel/clock.ts";

export interface SliceOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Few enough that a slice is gone before the garbage collector comes for what is new. */
const maxItems = 256;
const maxSteps = 8_192;
const maxMs = 10;
const stepsPerLookAtClock = 32;

/**
 * The items of a synchronous walk in arrays, with the event loop given a turn between slices: of at most
 * 256 items, 8,192 steps and about 10 ms. A null is a step without an item.
 */
export async function* inSlices<T>(
  steps: Iterator<T | null, void, void>,
  { clock, signal }: SliceOptions,
): AsyncGenerator<readonly T[], void, void> {
  for (;;) {
    signal.throwIfAborted();
    const slice = takeSlice(steps, clock);
    if (slice.items.length > 0) yield slice.items;
    if (slice.done) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function takeSlice<T>(
  steps: Iterator<T | null, void, void>,
  clock: Clock,
): { readonly items: readonly T[]; readonly done: boolean } {
  const items: T[] = [];
  const until = clock.monotonic() + maxMs;
  for (let step = 1; step <= maxSteps && items.length < maxItems; step++) {
    const { value, done } = steps.next();
    if (done) return { items, done };
    if (value) items.push(value);
    if (step % stepsPerLookAtClock === 0 && clock.monotonic() >= until) break;
  }
  return { items, done: false };
}
