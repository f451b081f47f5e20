import { readFileSync } from "node:fs";

/** Where Linux tells how many events wait for a process at most; those beyond are dropped. */
const limitFile = "/proc/sys/fs/inotify/max_queued_events";
const usualLimit = 16_384;
/** Other watchers of the process share the queue, and we do not see what they are told. */
const ourShare = 1 / 4;

/**
 * Notices that the system may have dropped hints.
 *
 * Node hides that its queue ran over. But a turn of the event loop hands out all that is in the queue; so a turn
 * with fewer hints than the queue holds began with a queue that was not full.
 */
export class OverflowGuard {
  readonly #limit: number;
  readonly #listeners = new Set<() => void>();
  #hints = 0;

  /** Speaks up at so many hints in one turn. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called for each hint. */
  count(): void {
    if (this.#hints++ === 0)
      setImmediate(() => {
        this.#hints = 0;
      });
    if (this.#hints === this.#limit) for (const listener of this.#listeners) listener();
  }

  /** Calls the listener when hints may have been dropped, once a turn; returns what ends that. */
  listen(listener: () => void): () => void {
    const call = () => listener();
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }
}

let ofThread: OverflowGuard | null = null;

/** The guard of the one queue that all watchers of this thread share. */
export function overflowGuard(): OverflowGuard {
  ofThread ??= new OverflowGuard(Math.ceil(readQueueLimit() * ourShare));
  return ofThread;
}

function readQueueLimit(): number {
  try {
    const limit = Number(readFileSync(limitFile, "latin1"));
    return limit > 0 ? limit : usualLimit;
  } catch {
    return usualLimit;
  }
}
