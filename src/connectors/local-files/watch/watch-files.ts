import { onAbort } from "../../../kernel/on-abort.ts";
import { ChangeQueue } from "./change-queue.ts";
import { RootWatch, type RootWatchRequest } from "./root-watch.ts";

/** Where one watch of the system covers all below a directory, at no cost for each. */
export const watchesRecursively = process.platform === "darwin" || process.platform === "win32";

/**
 * The paths of files that may have changed, come or gone, until the signal aborts. A path comes when nothing has
 * happened to the file for a moment; who takes them late gets each once.
 */
export async function* watchFiles(request: RootWatchRequest): AsyncGenerator<readonly string[], void, void> {
  const { signal } = request.options;
  const queue = new ChangeQueue(request.clock);
  const watch = new RootWatch(request, queue);
  const stop = new AbortController();
  const forget = onAbort(signal, () => stop.abort(signal.reason));
  const tending = watch.tend(stop.signal).catch((error: unknown) => queue.fail(error));
  try {
    for (;;) {
      const paths = await queue.take(stop.signal);
      if (watch.isReadable()) yield paths;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    forget();
    stop.abort();
    await tending;
  }
}
