import { setMaxListeners } from "node:events";
import { SluiceError } from "../errors/index.ts";

/** The same signal, whose reason is an error that says what happened. */
export function interruptible(signal: AbortSignal | undefined): {
  readonly signal: AbortSignal;
  forget(): void;
} {
  const controller = new AbortController();
  // Every row in flight may wait on it.
  setMaxListeners(0, controller.signal);
  const stop = () =>
    controller.abort(new SluiceError("interrupted", "stopped on request", { cause: signal?.reason }));
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  return { signal: controller.signal, forget: () => signal?.removeEventListener("abort", stop) };
}
