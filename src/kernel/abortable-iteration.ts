import { abortable } from "./abortable.ts";
import { isPromise } from "./maybe-promise.ts";

/** Goes through an iterable, given up when the signal aborts: it then throws the signal's reason, whatever hangs. */
export async function* abortableIteration<T>(
  iterable: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator =
    Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = iterator.next();
      const result = isPromise(next) ? await abortable(next, signal) : next;
      if (result.done) {
        ended = true;
        return;
      }
      yield result.value;
    }
  } finally {
    if (!ended) await giveUp(iterator, signal);
  }
}

/** One that hangs would answer only after what it hangs on. */
async function giveUp(
  iterator: AsyncIterator<unknown> | Iterator<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const closing = Promise.resolve(iterator.return?.());
  if (signal.aborted) void closing.catch(() => {});
  else await closing;
}
