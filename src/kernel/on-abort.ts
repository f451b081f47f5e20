/** What is to be done when a signal aborts. One listener serves all: a signal looks at each of its own for every new one. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `stop` once when the signal aborts, at once where it has; returns what forgets it. For signals that thousands wait on. */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  if (signal.aborted) {
    stop();
    return () => {};
  }
  const all = waiting.get(signal) ?? listenTo(signal);
  // A function of its own, so that the same one may be given twice.
  const call = () => stop();
  all.add(call);
  return () => all.delete(call);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  waiting.set(signal, all);
  signal.addEventListener("abort", () => {
    for (const stop of all) stop();
    all.clear();
  });
  return all;
}
